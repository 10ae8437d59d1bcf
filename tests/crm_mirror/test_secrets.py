"""What is stored of a secret says nothing; a new key takes over from the old one without losing any."""

from __future__ import annotations

import json
import traceback
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from crm_mirror import secrets
from crm_mirror.models import PortalConnection

SECRET = "s3cret-of-the-portal"


def stored(**texts):
    now = timezone.now()
    sealed = {field: secrets.sealed(text) for field, text in texts.items()}
    return PortalConnection.objects.create(
        member_id="m", origin="https://portal.example", expires_at=now, connected_at=now, **sealed
    )


def rotated():
    out = StringIO()
    call_command("rotate_secrets", stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


def test_a_sealed_secret_comes_back_and_does_not_show():
    assert secrets.opened(secrets.sealed(SECRET)) == SECRET
    assert SECRET not in secrets.sealed(SECRET)


def test_no_secret_is_nothing_on_either_side():
    assert (secrets.sealed(""), secrets.opened("")) == ("", "")


def test_an_older_key_still_opens(settings):
    old = secrets.sealed(SECRET)
    settings.SECRETS_KEYS = ["new" * 20, *settings.SECRETS_KEYS]
    assert secrets.opened(old) == SECRET


def test_without_its_key_a_secret_is_lost_with_a_remedy_and_without_its_text(settings):
    old = secrets.sealed(SECRET)
    settings.SECRETS_KEYS = ["new" * 20]
    with pytest.raises(secrets.SecretLost) as caught:
        secrets.opened(old)
    told = "".join(traceback.format_exception(caught.value))
    assert "SECRETS_KEYS" in caught.value.remedy
    assert old not in told
    assert SECRET not in told


@pytest.mark.django_db
def test_rotation_seals_everything_by_the_newest_key_once(settings):
    row = stored(access_token=SECRET, refresh_token="r")
    old = settings.SECRETS_KEYS
    settings.SECRETS_KEYS = ["new" * 20, *old]
    assert rotated() == {"resealed": 2, "current": 0, "lost": 0}
    assert rotated() == {"resealed": 0, "current": 2, "lost": 0}
    settings.SECRETS_KEYS = ["new" * 20]
    row.refresh_from_db()
    assert (secrets.opened(row.access_token), secrets.opened(row.refresh_token)) == (SECRET, "r")


@pytest.mark.django_db
def test_rotation_leaves_what_it_cannot_open_and_says_so(settings):
    row = stored(access_token=SECRET)
    settings.SECRETS_KEYS = ["new" * 20]
    with pytest.raises(CommandError, match="SECRETS_KEYS"):
        rotated()
    before = row.access_token
    row.refresh_from_db()
    assert row.access_token == before
