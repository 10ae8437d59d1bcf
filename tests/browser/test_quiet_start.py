"""Until colours are introduced the card is the portal's own, and the call is on record all the same."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from callguard.models import Call
from tests.browser.clients import RED
from tests.browser.portal_page import BADGE, CARD
from tests.cast import IVAN, OLGA, substitution

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.mark.parametrize("script", ["card.js", "card.min.js"])
@pytest.mark.parametrize("stands_in", [False, True])
def test_the_card_stays_the_portals_and_the_call_is_on_record(portal, settings, script, stands_in):
    settings.COLOURS_SINCE = timezone.localdate() + timedelta(days=1)
    if stands_in:
        substitution(IVAN, of=OLGA)
    portal.open(script=script)
    with portal.page.expect_response("**/api/v1/calls/"):
        portal.ring(RED)
    portal.expect_crm_layout()
    portal.page.wait_for_timeout(400)  # time to paint, had there been a colour
    expect(portal.page.locator(BADGE)).to_have_count(0)
    expect(portal.page.locator(CARD)).not_to_have_attribute("data-callguard", "red")
    call = Call.objects.get()
    assert (call.shown, call.colour) == (False, "none" if stands_in else "red")
