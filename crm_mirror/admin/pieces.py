"""Small pieces of HTML that pages share. Each is safe: every value goes through `format_html`."""

import json
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

NOTHING = "–"
PORTAL_PATHS = {  # where the portal shows a row of each kind
    "company": "/crm/company/details/{}/",
    "contact": "/crm/contact/details/{}/",
    "lead": "/crm/lead/details/{}/",
    "deal": "/crm/deal/details/{}/",
    "employee": "/company/personal/user/{}/",
}


class Linking:
    """Pages that link to rows of other pages. The product around may narrow `openable`."""

    def openable(self, row: Any, linked: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the linked rows whose pages whoever looks at `row` may open."""
        return linked


def portal_url(kind: str, portal_id: object) -> str:
    """The row's page in the portal; "" while no portal is connected."""
    if not settings.PORTAL_ORIGIN or kind not in PORTAL_PATHS:
        return ""
    return str(settings.PORTAL_ORIGIN) + PORTAL_PATHS[kind].format(portal_id)


def portal_link(kind: str, portal_id: object) -> str | SafeString:
    if not (url := portal_url(kind, portal_id)):
        return NOTHING
    link = '<a class="text-link" href="{}" target="_blank" rel="noopener noreferrer">{}</a>'
    return format_html(link, url, _("Open in the portal"))


def admin_link(app_model: str, pk: object, text: object) -> SafeString:
    """Link to a change page: `admin_link("crm_mirror_company", 7, "Ромашка")`."""
    return format_html('<a class="text-link" href="{}">{}</a>', reverse(f"admin:{app_model}_change", args=[pk]), text)


def lines(items: Iterable[object]) -> str | SafeString:
    """One item a line; a dash for none."""
    return format_html_join(mark_safe("<br>"), "{}", ((item,) for item in items)) or NOTHING


def pretty_json(value: Any) -> SafeString:
    """JSON to read: indented, Cyrillic as Cyrillic."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return format_html('<pre class="callguard-json" tabindex="0">{}</pre>', text)
