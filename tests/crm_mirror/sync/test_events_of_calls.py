"""The event of a call's end is believed until the portal's statistics tell of it."""

from __future__ import annotations

from crm_mirror.models import EndedCall
from tests.crm_mirror.sync.conftest import State, states


class TestEndedCalls:
    CALL = "externalCall.7b0c7de811455ef32b18dc5917e4306a.1773239327"

    def facts(self, **more):
        return {"CALL_ID": self.CALL, "CALL_TYPE": "1", "CALL_DURATION": "0", "CALL_FAILED_CODE": "304"} | more

    def test_until_the_statistics_know_it_the_event_is_believed(self, portal, drain, told):
        told("ONVOXIMPLANTCALLEND", data=self.facts())
        drain()
        call = EndedCall.objects.get()
        assert (call.call_id, call.code, call.by_statistics) == (self.CALL, "304", False)
        assert states() == [State.DONE]

    def test_the_statistics_word_beats_the_events(self, portal, drain, told):
        row = self.facts(CALL_FAILED_CODE="200", CALL_DURATION="42", CALL_START_DATE="2026-03-11T17:28:46+03:00")
        portal.portal.memory["statistics"] = [row]
        told("ONVOXIMPLANTCALLEND", data=self.facts())
        drain()
        call = EndedCall.objects.get()
        assert (call.code, call.by_statistics) == ("200", True)

    def test_without_the_right_to_the_statistics_the_event_is_believed(self, portal, drain, told):
        portal.fails_with("scope", method="voximplant.statistic.get")
        told("ONVOXIMPLANTCALLEND", data=self.facts())
        drain()
        assert not EndedCall.objects.get().by_statistics
