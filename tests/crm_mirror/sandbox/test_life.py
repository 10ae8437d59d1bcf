from collections import namedtuple

import pytest

from crm_mirror.sandbox.access import App
from crm_mirror.sandbox.data.status_field import FIELD
from crm_mirror.sandbox.life.life import OF_CLIENTS, OF_STAFF, Life
from crm_mirror.sandbox.portal import Portal, PortalConfig
from crm_mirror.sandbox.store import Store

Alive = namedtuple("Alive", "portal life")
KINDS = ("company", "contact", "lead", "deal")


@pytest.fixture
def alive():
    """alive(deeds, size=…, **life) → what a portal is after so many deeds: `.portal`, `.life`."""
    stores = []

    def live(deeds, *, size="demo", **how):
        stores.append(Store.open(size=size))
        portal = Portal(stores[-1], PortalConfig(apps={"pbx": App("secret")}))
        life = Life(portal, **how)
        for _ in range(deeds):
            life.step()
        return Alive(portal, life)

    yield live
    for store in stores:
        store.close()


def everything(portal):
    rows = portal.store.rows
    entities = {name: [row[0:9] for row in rows(f"SELECT * FROM {name} ORDER BY ID")] for name in KINDS}  # noqa: S608
    values = rows("SELECT KIND, ELEMENT_ID, VALUE FROM multifield ORDER BY ID")
    links = rows("SELECT KIND, OWNER_ID, TARGET_ID, IS_PRIMARY FROM link ORDER BY KIND, OWNER_ID, TARGET_ID")
    return entities, values, links, portal.store.users(), portal.store.departments


def test_the_same_seed_gives_the_same_life(alive):
    assert everything(alive(400, seed=5)[0]) == everything(alive(400, seed=5)[0])
    assert everything(alive(400, seed=5)[0]) != everything(alive(400, seed=6)[0])


def test_everything_that_people_do_happens(alive):
    portal, life = alive(4000)
    assert life.done.keys() == OF_CLIENTS.keys() | OF_STAFF.keys()
    assert portal.memory["statistics"]


def test_an_empty_portal_fills_up(alive):
    assert len(alive(300, size="empty").life.clients.live["company"]) > 5


def test_what_is_spared_is_left_alone(alive):
    store = Store.open()
    spared = {"company": {store.rows("SELECT min(ID) FROM company")[0][0]}}
    store.close()
    untouched = alive(2000, spare=spared).portal.store.rows(
        "SELECT TITLE, DATE_MODIFY = DATE_CREATE FROM company ORDER BY ID LIMIT 1"
    )
    assert untouched == [("ООО «Ромашка»", 1)]


def test_what_is_gone_is_known(alive):
    portal, life = alive(1500)
    gone = {(kind, entity_id) for kind, entity_id in life.clients.ever_gone if entity_id not in life.clients.live[kind]}
    there = {(kind, row[0]) for kind in KINDS for row in portal.store.rows(f"SELECT ID FROM {kind}")}  # noqa: S608
    assert gone
    assert not gone & there
    assert there == {(kind, entity_id) for kind, ids in life.clients.live.items() for entity_id in ids}


def test_a_file_is_read_in_and_a_mass_change_touches_everything(alive):
    portal, life = alive(0)
    heard = []
    portal.events.emit = lambda event, data, by: heard.append(event)
    life.clients.import_companies(30)
    life.clients.edit_everything(10)
    assert heard.count("ONCRMCOMPANYADD") == 30
    assert heard.count("ONCRMCOMPANYUPDATE") == 10


def test_statuses_are_those_of_the_field(alive):
    portal, life = alive(1500)
    known = {int(item["ID"]) for item in life.clients._items()}
    used = {status for (status,) in portal.store.rows(f"SELECT DISTINCT {FIELD} FROM company") if status}  # noqa: S608
    assert used <= known
