"""Our index of numbers agrees with the portal's search, or there is a reason why it does not."""

from __future__ import annotations

import pytest

from crm_mirror.models import PhoneNumber
from crm_mirror.sync.numbers import Disagreement, explanation


class TestNumbers:
    """Our index and the portal's search."""

    @pytest.fixture
    def numbers(self, portal, sync, compare):
        def run():
            sync()
            tally = compare().numbers
            return dict(tally.explained), tally.unexplained

        return run

    def test_agree_on_plain_numbers_of_deleted_rows_too(self, portal, sync, numbers):
        portal.add_company("Ромашка", phone=["8 (916) 123-45-67", "+7 495 123-45-67 доб. 12"])
        sync()
        portal.delete_company(portal.add_company("Лютик", phone="89161234567"))
        assert numbers() == ({}, 0)

    def test_the_search_does_not_read_two_numbers_out_of_one_value(self, portal, numbers):
        portal.add_company("Ромашка", phone="8 916 123-45-67 / 8 916 765-43-21")
        assert numbers() == ({"several_in_one_value": 2}, 0)

    def test_the_search_takes_foreign_numbers_as_they_are_written(self, portal, numbers):
        portal.add_company("Ромашка", phone="00 49 30 12345678")
        assert numbers() == ({"foreign": 1}, 0)

    def test_the_search_stops_at_twenty(self, portal, numbers):
        for n in range(23):
            portal.add_company(f"Ромашка {n}", phone="8 916 123-45-67")
        assert numbers() == ({"cut_off": 3}, 0)

    def test_a_wrong_index_is_drift_and_is_mended(self, portal, sync, compare):
        company = portal.add_company("Ромашка", phone="8 916 123-45-67")
        sync()
        PhoneNumber.objects.update(e164="+79999999999")
        assert compare().numbers.unexplained == 0  # it is counted as a different row
        compare(repair=True)
        assert PhoneNumber.objects.get(entity_id=company).e164 == "+79161234567"

    def test_what_nothing_explains_is_drift(self, portal, sync, compare):
        company = portal.add_company("Ромашка", phone="8 916 123-45-67")
        sync()
        portal.store.execute("UPDATE multifield SET CODE = 'lost' WHERE ELEMENT_ID = ?", [company])
        report = compare(repair=True)
        assert (report.numbers.unexplained, report.drift_left) == (1, 1)


@pytest.mark.parametrize(
    ("e164", "values", "is_ours", "reason"),
    [
        ("+79161234567", ["8 916 123-45-67"], True, None),
        ("+79161234567", ["8 916 123-45-67"], False, None),
        ("+79161234567", ["8 916 123-45-67 (Оля, 101)"], True, "extension"),
        ("+79161234567", ["+8 916 123-45-67 x 1"], True, "extension"),
        ("+79161234567", ["8 495 765-43-21"], True, None),
        ("+79161234567", ["8 916 12345"], False, "spelling"),
        ("+79161234567", ["спросить 89161234567890123"], False, "extension"),
        ("+4930123456", ["+49 30 123456"], True, "foreign"),
    ],
)
def test_reasons(e164, values, is_ours, reason):
    record = type("Record", (), {"phones": tuple(values)})
    assert explanation(Disagreement(e164, "contact", 1, is_ours, False), record, "RU") == reason
