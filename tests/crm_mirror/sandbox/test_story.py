"""The portal of the story: the hand-made one whole, and a sales department of forty with what three months left."""

from datetime import UTC, datetime

import pytest

from crm_mirror.sandbox.data.demo_people import OLGA
from crm_mirror.sandbox.data.story_people import ROMAN
from crm_mirror.sandbox.store import Store
from tests.crm_mirror.sandbox.test_data_sizes import fingerprint

NOW = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
SALES = {3, 7, 21, 23, 25, 27}


@pytest.fixture
def opened():
    stores = []

    def open_store(size="story", now=NOW):
        stores.append(Store.open(size, now=now))
        return stores[-1]

    yield open_store
    for store in stores:
        store.close()


def test_forty_people_work_in_sales(opened):
    at_work = [user for user in opened().users() if user["ACTIVE"] and SALES & set(user["UF_DEPARTMENT"])]
    assert len(at_work) == 40


def test_the_hand_made_portal_is_part_of_it(opened):
    columns = "SELECT ID, TITLE, ASSIGNED_BY_ID FROM company"
    hand_made = opened("demo").rows(columns)
    assert opened().rows(f"{columns} ORDER BY ID")[: len(hand_made)] == hand_made


def test_the_same_day_makes_the_same_portal_and_another_day_another(opened):
    today, again, later = opened(), opened(), opened(now=datetime(2026, 12, 1, 13, 0, tzinfo=UTC))
    assert fingerprint(today) == fingerprint(again)
    assert fingerprint(today) != fingerprint(later)


def test_nothing_in_it_is_of_the_future(opened):
    store = opened()
    for kind in ("company", "contact", "lead", "deal"):
        ((newest,),) = store.rows(f"SELECT max(DATE_MODIFY) FROM {kind} WHERE ID > 200")  # noqa: S608 - our own names
        assert newest < NOW.timestamp()


def test_one_seller_has_won_with_clients_that_others_had_made(opened):
    taken = opened().rows(
        "SELECT company.CREATED_BY_ID, deal.STAGE_ID FROM company JOIN deal ON deal.COMPANY_ID = company.ID "
        "WHERE company.ASSIGNED_BY_ID = ? AND company.CREATED_BY_ID != ?",
        (ROMAN, ROMAN),
    )
    assert len(taken) == 8
    assert sum(stage == "WON" for _author, stage in taken) == 7
    assert OLGA in {author for author, _stage in taken}
