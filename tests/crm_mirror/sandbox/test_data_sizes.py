"""The portals one can start: the hand-made one tells the case's situations, the generated one is the same each time."""

import hashlib
import tempfile

import pytest

from crm_mirror.sandbox.data.demo import PHONE_BOOK
from crm_mirror.sandbox.multifields import search_code
from crm_mirror.sandbox.store import Store

KINDS = ("company", "contact", "lead", "deal")
NOBODYS = {"Удалённая компания", "Незнакомый номер", "Внутренний номер", "Скрытый номер"}


@pytest.fixture
def opened():
    stores = []

    def open_store(*args, **options):
        stores.append(Store.open(*args, **options))
        return stores[-1]

    yield open_store
    for store in stores:
        store.close()


def counts(store):
    return {kind: store.count(f"SELECT count(*) FROM {kind}") for kind in KINDS}  # noqa: S608 - our own names


def fingerprint(store):
    digest = hashlib.sha256()
    for table in (*KINDS, "multifield", "link"):
        for row in store.rows(f"SELECT * FROM {table}"):  # noqa: S608 - our own names
            digest.update(repr(row).encode())
    return digest.hexdigest()


def test_the_demo_has_a_situation_of_each_kind(opened):
    store = opened("demo")
    assert counts(store) == {"company": 40, "contact": 30, "lead": 20, "deal": 8}
    assert store.user(1)["IS_ADMIN"]
    assert [user["ID"] for user in store.users() if not user["ACTIVE"]]
    heads = [row.get("UF_HEAD") for row in store.departments.values()]
    assert None in heads
    assert any(heads)
    responsible = {row[0] for row in store.rows("SELECT DISTINCT ASSIGNED_BY_ID FROM company")}
    assert [user["ID"] for user in store.users() if user["IS_HIDDEN"] and int(user["ID"]) in responsible]
    assert store.rows("SELECT 1 FROM company WHERE IS_MY_COMPANY = 'Y'")
    assert store.rows("SELECT 1 FROM lead JOIN company ON company.LEAD_ID = lead.ID WHERE STATUS_ID = 'CONVERTED'")
    assert store.rows("SELECT 1 FROM link WHERE KIND = 3 GROUP BY OWNER_ID HAVING count(*) > 1")
    assert store.rows("SELECT 1 FROM multifield WHERE KIND = 4 GROUP BY CODE HAVING count(*) > 1")


@pytest.mark.parametrize(("label", "phone"), [(label, phone) for label, phone, _ in PHONE_BOOK])
def test_every_number_of_the_phone_book_leads_to_somebody_or_is_meant_not_to(opened, label, phone):
    code = search_code("PHONE", phone)
    written = {search_code("PHONE", part) for (value,) in opened("demo").rows("SELECT VALUE FROM multifield")
               for part in [value, *value.split(";")]}  # fmt: skip
    assert (bool(code) and code in written) == (label not in NOBODYS)


def test_the_generated_portal_has_the_promised_mix(opened):
    store = opened("10k", seed=7)
    assert counts(store) == {"company": 6000, "contact": 2500, "lead": 1500, "deal": 200}
    assert len(store.users()) == 200
    (highest,) = store.rows("SELECT max(ID) FROM company")[0]
    assert highest > 2 * 6000
    values = [value for (value,) in store.rows("SELECT VALUE FROM multifield")]
    malformed = [value for value in values if sum(map(str.isdigit, value)) < 10]
    assert 0.03 < len(malformed) / len(values) < 0.07
    (linked,) = store.rows("SELECT count(DISTINCT OWNER_ID) FROM link WHERE KIND = 3")[0]
    assert 0.6 < linked / 2500 < 0.8
    shared = store.rows("SELECT 1 FROM multifield WHERE CODE != '' GROUP BY CODE HAVING count(*) > 1")
    assert len(shared) > 100


def test_the_same_seed_makes_the_same_portal_and_another_one_another(opened):
    first, again, other = opened("10k", seed=1), opened("10k", seed=1), opened("10k", seed=2)
    assert fingerprint(first) == fingerprint(again)
    assert fingerprint(first) != fingerprint(other)


def test_an_empty_portal_has_one_administrator_and_no_status_field(opened):
    store = opened("empty")
    assert [user["ID"] for user in store.users()] == ["1"]
    assert list(store.departments) == [1]
    assert not store.user_fields
    assert sum(counts(store).values()) == 0


def test_an_unknown_size_is_named(opened):
    with pytest.raises(ValueError, match="No data of size 'huge'"):
        opened("huge")


def test_an_open_store_leaves_no_file_behind(opened, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    store = opened("empty")
    store.execute("INSERT INTO company (TITLE) VALUES ('Ромашка')")
    assert store.rows("SELECT TITLE FROM company") == [("Ромашка",)]
    assert list(tmp_path.iterdir()) == []
