"""The sidebar: what is decided, what has happened, what the decisions rest on, and the machinery last."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from callguard.access.acting import acting, administers, may_enter
from callguard.access.actors import Actor
from callguard.access.policies import (
    may_read_rules,
    may_see_dashboard,
    may_see_own_record,
    may_set_notices,
    may_sign_in,
)
from callguard.admin.wizard_steps import is_complete

Item = tuple[StrOrPromise, str, str]  # title, icon (Material Symbols), address's name (of the admin, unless it says)
SETUP: Item = (_("Connecting the portal"), "cable", "setup:page")  # first of all until it is done, then in "System"
# Pages that belong to no model: who may open them; those that stand nowhere here are administrators'.
OPENS: dict[str, Callable[[Actor], bool]] = {
    "dashboard:overview": may_see_dashboard,
    "dashboard:me": may_see_own_record,
    "dashboard:privacy": may_see_own_record,
    "dashboard:rules": may_read_rules,
    "dashboard:kpi": may_sign_in,
    "dashboard:cleaning": may_sign_in,
    "dashboard:notices": may_set_notices,
    "dashboard:disputes": may_sign_in,
}
GROUPS: list[tuple[StrOrPromise, list[Item]]] = [
    (
        "",
        [
            (_("Dashboard"), "monitoring", "dashboard:overview"),
            (_("My calls"), "person", "dashboard:me"),
            (_("Who looked at my record"), "visibility", "dashboard:privacy"),
            (_("Overview"), "dashboard", "index"),
            (_("Try a number"), "dialpad", "callguard_call_probe"),
        ],
    ),
    (
        _("Calls"),
        [
            (_("Conflicts"), "warning", "callguard_conflict_changelist"),
            (_("Disputes"), "gavel", "dashboard:disputes"),
            (_("All calls"), "call", "callguard_call_changelist"),
            (_("KPI"), "leaderboard", "dashboard:kpi"),
        ],
    ),
    (
        _("Decisions"),
        [
            (_("Rules"), "rule", "callguard_rule_changelist"),
            (_("Rules workshop"), "science", "dashboard:rules"),
            (_("Versions of the rules"), "history", "callguard_rulesetversion_changelist"),
            (_("Palettes"), "palette", "callguard_palette_changelist"),
            (_("Company statuses"), "label", "crm_mirror_status_changelist"),
            (_("Excuses"), "balance", "callguard_excuserule_changelist"),
            (_("Substitutions"), "swap_horiz", "callguard_substitution_changelist"),
            (_("Notices"), "notifications", "dashboard:notices"),
        ],
    ),
    (
        _("Mirror of the CRM"),
        [
            (_("Companies"), "apartment", "crm_mirror_company_changelist"),
            (_("Contacts"), "contacts", "crm_mirror_contact_changelist"),
            (_("Leads"), "person_search", "crm_mirror_lead_changelist"),
            (_("Deals"), "handshake", "crm_mirror_deal_changelist"),
            (_("Employees"), "badge", "crm_mirror_employee_changelist"),
            (_("Departments"), "account_tree", "crm_mirror_department_changelist"),
            (_("Phone numbers"), "phone", "crm_mirror_phonenumber_changelist"),
        ],
    ),
    (
        _("To put right in the portal"),
        [
            (_("Cleaning queue"), "checklist", "dashboard:cleaning"),
            (_("Unreadable phones"), "cleaning_services", "crm_mirror_unreadablephone_changelist"),
            (_("Quarantine"), "report", "crm_mirror_quarantine_changelist"),
        ],
    ),
    (
        _("System"),
        [
            (_("Synchronisation"), "monitor_heart", "crm_mirror_syncrun_page"),
            (_("Changes"), "published_with_changes", "crm_mirror_change_changelist"),
            (_("Events of the portal"), "inbox", "crm_mirror_inboxevent_changelist"),
            (_("Comparisons with the portal"), "difference", "crm_mirror_drift_changelist"),
            (_("Repaired rows"), "healing", "crm_mirror_repair_changelist"),
            (_("Sync runs"), "sync", "crm_mirror_syncrun_changelist"),
            (_("Progress of the sync"), "flag", "crm_mirror_synccursor_changelist"),
            (_("Calls to the portal"), "outbox", "crm_mirror_outboxcall_changelist"),
            (_("What was told"), "campaign", "callguard_notice_changelist"),
            (_("Letters"), "mail", "callguard_letter_changelist"),
            (_("History"), "history", "callguard_history_changelist"),
            (_("Access log"), "visibility", "callguard_accesslog_changelist"),
            (_("Personal data"), "shield_person", "dashboard:personal-data"),
            (_("Accounts"), "manage_accounts", "callguard_account_changelist"),
            (_("Administrators of the portal"), "admin_panel_settings", "setup:administrators"),
            (_("Boxed portal"), "inventory_2", "box:page"),
            (_("Periodic tasks"), "schedule", "django_celery_beat_periodictask_changelist"),
        ],
    ),
]


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """unfold's SIDEBAR.navigation. Of the lines whose address the page's begins with, the longest is marked."""
    shown = ((title, [item for item in items if opens(item[2], request)]) for title, items in groups_for(request))
    groups = [(title, items) for title, items in shown if items]
    home = reverse("admin:index")
    links = [address(name) for _group, items in groups for _title, _icon, name in items]
    above = [link for link in links if link != home and request.path.startswith(link)]
    here = max(above, key=len, default=request.path)
    return [{"title": title, "items": [entry(*item, here=here) for item in items]} for title, items in groups]


def groups_for(request: HttpRequest) -> list[tuple[StrOrPromise, list[Item]]]:
    """Who administers is led to what is missing first. At most four queries."""
    (first, top), *middle, (last, system) = GROUPS
    if administers(request) and not is_complete():
        return [(first, [SETUP, *top]), *middle, (last, system)]
    return [(first, top), *middle, (last, [*system, SETUP])]


def opens(name: str, request: HttpRequest) -> bool:
    """Whether the address opens for who asks. A model's own pages answer for it; other pages are administrators'."""
    if name == "index":
        return may_enter(request)
    if name in OPENS:
        return OPENS[name](acting(request))
    pages = (pages for model, pages in admin.site._registry.items() if name.startswith(f"{prefix_of(model)}_"))
    return any(one.has_view_permission(request) for one in pages) or administers(request)


def prefix_of(model: type[Model]) -> str:
    """What the names of a model's addresses begin with."""
    return f"{model._meta.app_label}_{model._meta.model_name}"


def address(name: str) -> str:
    return reverse(name if ":" in name else f"admin:{name}")


def entry(title: StrOrPromise, icon: str, name: str, *, here: str) -> dict[str, Any]:
    """One line of the sidebar. `here`: address of the line that is marked."""
    link = address(name)
    return {"title": title, "icon": icon, "link": link, "active": link == here}
