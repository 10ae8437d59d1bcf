"""The card script on the portal's pages, and what the package adds to the portal besides."""

from __future__ import annotations

import html.parser
import shutil

import pytest
import requests

from tests.callguard.bitrix_box.conftest import NOBODY_LISTENS, SECRET

ADDRESS = "https://callguard.example/under"


class Tags(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


def test_a_page_of_somebody_signed_in_gets_one_script_tag_as_the_contract_has_it(box):
    box.install(ADDRESS)
    (head,) = box.page()
    ((tag, attributes),) = Tags(head).found
    assert tag == "script"
    assert attributes == {
        "src": f"{ADDRESS}/static/callguard/card.min.js",
        "data-api": ADDRESS,
        "data-token-url": "/local/callguard/token.php",
        "data-skip-moving": "true",
        "defer": None,
    }


def test_no_secret_and_no_token_is_in_the_page(installed):
    (head,) = installed.page(user=(8, True))
    assert SECRET not in head
    assert "eyJ" not in head


def test_an_address_cannot_leave_its_attribute(box):
    box.install('https://x.example/"><script>alert(1)</script>')
    (head,) = box.page()
    assert [tag for tag, _attributes in Tags(head).found] == ["script"]


@pytest.mark.parametrize(
    "given",
    [
        {"user": None},
        {"user": (0, False)},
        {"request": {"admin": True}},
        {"request": {"ajax": True}},
        {"request": {"query": {"IFRAME": "Y", "IFRAME_TYPE": "SIDE_SLIDER"}}},
        {"constants": {"PUBLIC_AJAX_MODE": True}},
    ],
    ids=["anonymous", "user 0", "admin section", "AJAX", "slider", "AJAX of a component"],
)
def test_other_pages_get_nothing(installed, given):
    assert installed.page(**given) == []
    assert installed.logged() == ""


# --- Whatever the administrator does with the files, the portal goes on -----------------------------------------------
def test_the_line_without_the_folder_does_nothing(installed):
    (installed.root / "local/callguard").rename(installed.root / "elsewhere")
    assert installed.page() == []
    assert installed.save({"UF_CRM_CALLGUARD_STATUS": "IN_WORK"})["saved"]


def test_without_its_configuration_the_package_keeps_still_and_says_why_in_the_log(installed):
    (installed.root / "local/callguard/config.php").unlink()
    assert installed.page() == []
    assert installed.save({"UF_CRM_CALLGUARD_STATUS": "IN_WORK"})["saved"]
    assert installed.do("types") == {"SOURCE": {"ID": "SOURCE", "NAME": "Источники"}}
    assert "config.php is missing" in installed.logged()


@pytest.mark.parametrize("content", ["", "<?php return [];", "<?php return ['address' => '', 'secret' => 'x'];"])
def test_a_broken_configuration_is_like_none(installed, content):
    (installed.root / "local/callguard/config.php").write_text(content)
    printed = installed.page()
    assert printed == []
    assert "config.php lacks address" in installed.logged()


def test_the_line_may_stand_in_the_old_place_too(installed):
    """Where /bitrix/php_interface/init.php is the only one, a new one in /local would put it out of use."""
    line = (installed.root / "local/php_interface/init.php").read_text().splitlines()[1]
    (installed.root / "local/php_interface/init.php").unlink()
    installed.write_init("define('THEIRS', true);", line, folder="bitrix")
    assert len(installed.page()) == 1


def test_two_lines_make_one_script(installed):
    line = (installed.root / "local/php_interface/init.php").read_text().splitlines()[1]
    installed.write_init(line, line)
    assert len(installed.page()) == 1
    handlers = installed.do("handlers")
    assert {len(one) for events in handlers.values() for one in events.values()} == {1}


def test_files_asked_for_over_http_show_nothing(installed):
    with installed.served() as url:
        for name in ("config.php", "include.php", "lib/Page.php", "lib/StatusGuard.php", "lib/Settings.php"):
            answer = requests.get(f"{url}/local/callguard/{name}", timeout=10)
            assert (answer.status_code, answer.text) == (200, ""), name


# --- The reference ---------------------------------------------------------------------------------------------------
def test_the_crm_that_asks_gets_a_reference_of_ours_beside_its_own(installed):
    types = installed.do("types")
    assert types["CALLGUARD_STATUS"] == {"ID": "CALLGUARD_STATUS", "NAME": "Статус компании"}
    assert types["SOURCE"] == {"ID": "SOURCE", "NAME": "Источники"}


def test_its_name_is_in_the_portals_language(installed):
    assert installed.do("types", constants={"LANGUAGE_ID": "en"})["CALLGUARD_STATUS"]["NAME"] == "Company status"


def test_the_crm_that_asks_nobody_is_left_alone(installed):
    assert list(installed.do("types", crm="asks nobody")) == ["SOURCE"]


def test_a_careless_handler_before_ours_breaks_nothing_more(installed):
    line = (installed.root / "local/php_interface/init.php").read_text().splitlines()[1]
    listen = "Bitrix\\Main\\EventManager::getInstance()->addEventHandlerCompatible"
    theirs = f"{listen}('crm', 'OnGetEntityTypes', function () {{}});"
    installed.write_init(theirs, line)
    assert installed.do("types") is None


def test_the_package_listens_to_three_events_and_no_more(installed):
    assert {(module, event) for module, events in installed.do("handlers").items() for event in events} == {
        ("main", "OnEpilog"),
        ("crm", "OnGetEntityTypes"),
        ("crm", "OnBeforeCrmCompanyUpdate"),
    }


def test_after_uninstalling_nothing_is_left(installed, box):
    """The folder and the line gone, the portal is the portal."""
    shutil.rmtree(installed.root / "local/callguard")
    installed.write_init()
    assert installed.do("handlers") == []
    assert installed.page() == []
    left = [file.name for file in (installed.root / "local").rglob("*") if file.is_file()]
    assert left == ["init.php"]
    assert NOBODY_LISTENS not in (installed.root / "local/php_interface/init.php").read_text()
