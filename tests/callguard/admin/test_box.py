"""The page that hands out the package for boxed portals."""

from __future__ import annotations

import io
import logging
from zipfile import ZipFile

import pytest
from django.conf import settings as product
from django.test import Client
from django.urls import reverse

from callguard.bitrix_box.package import facts, line, packed
from callguard.models import Account
from tests.cast import MARINA, mirrored_people

PAGE, PACKAGE = "/admin/box/", "/admin/box/package/"


@pytest.fixture(autouse=True)
def address(settings):
    settings.PUBLIC_URL = "https://callguard.example"


def test_an_administrator_takes_the_package_with_address_and_secret_filled_in(pages):
    answer = pages.post(PACKAGE)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert answer["Content-Disposition"] == 'attachment; filename="callguard-box.zip"'
    assert "no-store" in answer["Cache-Control"]
    assert answer.content == packed(facts())
    config = ZipFile(io.BytesIO(answer.content)).read("callguard/config.php").decode()
    assert "https://callguard.example" in config
    assert product.CARD_TOKEN_SECRET in config


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_page_gives_the_line_and_never_the_secret(pages, language):
    page = pages.get(PAGE, headers={"accept-language": language})
    assert page.status_code == 200
    assert line().replace("'", "&#x27;") in page.text
    assert product.CARD_TOKEN_SECRET not in page.text


def test_it_is_in_the_sidebar_and_marked_there(pages):
    assert f'href="{PAGE}"' in pages.get(reverse("admin:index")).text


@pytest.mark.parametrize(
    ("setting", "named"), [("PUBLIC_URL", "PUBLIC_URL"), ("CARD_TOKEN_SECRET", "CARD_TOKEN_SECRET")]
)
def test_what_is_not_set_is_said_with_the_cure_instead_of_a_button(pages, settings, setting, named):
    setattr(settings, setting, "")
    page = pages.get(PAGE)
    assert page.status_code == 200
    assert named in page.text
    assert PACKAGE not in page.text
    answer = pages.post(PACKAGE)
    assert (answer.status_code, answer["Content-Type"]) == (409, "text/html; charset=utf-8")


def test_nobody_else_gets_page_or_package(db, client):
    for address in (PAGE, PACKAGE):
        assert client.post(address).status_code == 302  # to the sign-in page
    mirrored_people()
    client.force_login(Account.objects.create(username="marina", is_staff=True, employee_id=MARINA.id))
    assert client.get(PAGE).status_code == 403
    assert client.post(PACKAGE).status_code == 403


def test_a_link_or_a_foreign_page_brings_no_package(superuser):
    client = Client(enforce_csrf_checks=True)
    client.force_login(superuser)
    assert client.get(PACKAGE).status_code == 405
    assert client.post(PACKAGE).status_code == 403


def test_who_took_it_is_in_the_log(pages, caplog):
    with caplog.at_level(logging.INFO, logger="callguard"):
        logging.getLogger("callguard").propagate = True
        try:
            pages.post(PACKAGE)
        finally:
            logging.getLogger("callguard").propagate = False
    assert "taken by root" in caplog.text
    assert product.CARD_TOKEN_SECRET not in caplog.text
