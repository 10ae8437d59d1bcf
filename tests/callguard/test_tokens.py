"""Card tokens: what is proven, what is refused and in which words; the command that makes one."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from callguard.access.tokens import BadToken, CardToken, issued, read

SECRET = "a secret of the portal, long enough for HS256"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DAY = timedelta(hours=24)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def signed(secret: str = SECRET, **claims: Any) -> str:
    """A token that is right but for the claims given; a claim given as ... is left out."""
    right = {"sub": "7", "aud": "callguard", "exp": NOW.timestamp() + 3600}
    return jwt.encode({key: value for key, value in (right | claims).items() if value is not ...}, secret, "HS256")


def reading(token: str, *, secret: str = SECRET) -> CardToken:
    return read(token, secret=secret, max_age=DAY, at=NOW)


def refusal(token: str, *, secret: str = SECRET) -> str:
    with pytest.raises(BadToken) as refused:
        reading(token, secret=secret)
    return str(refused.value)


def unsigned(header: dict[str, str], claims: dict[str, Any]) -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims))
    return ".".join([*parts, ""])


def test_a_token_names_the_employee():
    assert reading(signed()) == CardToken(7)


@pytest.mark.parametrize("admin", [True, False])
def test_a_token_may_say_whether_the_portal_calls_the_employee_its_administrator(admin):
    assert reading(signed(adm=admin)) == CardToken(7, admin)


def test_a_token_we_issue_is_one_we_read():
    token = issued(CardToken(7, True), secret=SECRET, ttl=DAY, at=NOW)
    assert reading(token) == CardToken(7, True)


def test_a_portal_whose_clock_is_a_little_ahead_may_sign_for_the_longest_time():
    assert reading(signed(exp=NOW.timestamp() + 24 * 3600 + 30, iat=NOW.timestamp() + 30)) == CardToken(7)


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"exp": NOW.timestamp() - 1}, "run out"),
        ({"exp": NOW.timestamp()}, "run out"),
        ({"exp": NOW.timestamp() + 25 * 3600}, "at most 24 hours"),
        ({"exp": ...}, "lacks exp"),
        ({"exp": "soon"}, "number of seconds"),
        ({"exp": True}, "number of seconds"),
        ({"exp": float("nan")}, "run out"),
        ({"exp": float("inf")}, "at most 24 hours"),
        ({"aud": "somebody"}, "aud"),
        ({"aud": ...}, "lacks aud"),
        ({"sub": ...}, "lacks sub"),
        ({"sub": "ivan"}, "not a portal user ID"),
        ({"sub": "0"}, "not a portal user ID"),
        ({"sub": "-7"}, "not a portal user ID"),
        ({"sub": "٧"}, "not a portal user ID"),
        ({"sub": "7\n"}, "not a portal user ID"),
        ({"sub": "9" * 19}, "not a portal user ID"),
        ({"adm": "Y"}, "adm"),
    ],
)
def test_a_claim_that_is_not_as_agreed_is_refused_in_words(claims, words):
    assert words in refusal(signed(**claims))


def test_a_sub_that_is_a_number_instead_of_a_string_is_refused():
    claims = {"sub": 7, "aud": "callguard", "exp": NOW.timestamp() + 60}
    token = jwt.api_jws.encode(json.dumps(claims).encode(), SECRET, "HS256")
    assert "not a portal user ID" in refusal(token)


def test_a_token_without_a_signature_is_refused_whatever_its_alg_says():
    claims = {"sub": "7", "aud": "callguard", "exp": NOW.timestamp() + 60}
    assert "not signed" in refusal(unsigned({"alg": "none", "typ": "JWT"}, claims))
    assert "not signed" in refusal(unsigned({"alg": "HS256", "typ": "JWT"}, claims))


def test_another_algorithm_of_the_same_secret_is_refused():
    token = jwt.encode({"sub": "7", "aud": "callguard", "exp": NOW.timestamp() + 60}, SECRET * 2, "HS512")
    assert "not signed" in refusal(token, secret=SECRET * 2)


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "..", "é.é.é", signed(secret="another secret of more than 32 bytes.")]
)
def test_what_this_server_did_not_agree_with_the_portal_is_refused(token):
    assert "not signed" in refusal(token)


def test_a_changed_claim_breaks_the_signature():
    header, _body, signature = signed().split(".")
    forged = signed(sub="8").split(".")[1]
    assert "not signed" in refusal(f"{header}.{forged}.{signature}")


def test_without_a_secret_no_token_is_good_and_the_reason_is_named():
    assert "CARD_TOKEN_SECRET is not set" in refusal(signed(), secret="")


# --- manage.py card_token --------------------------------------------------------------------------------------------
def printed(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("card_token", *arguments, stdout=out, **options)
    return out.getvalue()


def test_the_command_prints_a_good_token_and_nothing_else(settings):
    token = printed("7", "--ttl", "30m").removesuffix("\n")
    claims = jwt.decode(token, settings.CARD_TOKEN_SECRET, algorithms=["HS256"], audience="callguard")
    assert claims["sub"] == "7"
    assert 29 * 60 < claims["exp"] - datetime.now(UTC).timestamp() <= 30 * 60


def test_without_a_ttl_the_token_lasts_twelve_hours(settings):
    claims = jwt.decode(printed("7").strip(), settings.CARD_TOKEN_SECRET, algorithms=["HS256"], audience="callguard")
    assert 11.9 * 3600 < claims["exp"] - datetime.now(UTC).timestamp() <= 12 * 3600


@pytest.mark.parametrize(
    "arguments", [["ivan"], ["0"], ["7", "--ttl", "forever"], ["7", "--ttl", "25h"], ["7", "--ttl", "0h"]]
)
def test_wrong_arguments_end_with_2(arguments):
    with pytest.raises(CommandError) as refused:
        printed(*arguments)
    assert refused.value.returncode == 2


def test_without_a_secret_the_command_says_what_to_set(settings):
    settings.CARD_TOKEN_SECRET = ""
    with pytest.raises(CommandError, match="CARD_TOKEN_SECRET is not set") as refused:
        printed("7")
    assert refused.value.returncode == 2


def test_an_error_is_one_line_on_stderr_and_no_traceback():
    command = [sys.executable, "manage.py", "card_token", "ivan", "--settings", "tests.settings"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
