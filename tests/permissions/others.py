"""Who may what at every other address: the admin's own pages, the API, what the portal and the watchers call."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.test import Client, override_settings
from django.urls import reverse

from callguard.access import policies
from callguard.access.actors import Actor
from callguard.admin.wizard_steps import TITLES
from callguard.models import (
    Account,
    CompanyStatus,
)
from crm_mirror.models import Company, Status
from tests.cast import OLGA
from tests.permissions.lines import Line, Policy
from tests.permissions.pages import administrators, nobody
from tests.permissions.roles import OUTSIDERS
from tests.permissions.tries import REFUSED, Try, opening, shown, taken_back
from tests.permissions.world import CALL_ID, COMPANY, NUMBER, Visitor

ELSEWHERE = "203.0.113.5"
VERDICT = reverse("verdict")


def everybody(actor: Actor) -> bool:
    return True


def she_herself(actor: Actor) -> bool:
    return actor.employee_id == OLGA.id


def her_status(actor: Actor) -> bool:
    return policies.may_change_status(actor, OLGA.id)


def sees_her_client(actor: Actor) -> bool:
    return policies.may_see_clients_of(actor, OLGA.id)


def asks_for_her(actor: Actor) -> bool:
    return policies.may_ask_for(actor, OLGA.id)


edits = policies.may_edit_palettes


def sees_why(actor: Actor) -> bool:
    return policies.may_explain(actor) and asks_for_her(actor)


def lines() -> Iterator[Line]:
    yield from site()
    yield from special_pages()
    yield from setting_up()
    yield from api()
    yield from watchers()


# --- The admin's own pages -----------------------------------------------------------------------------------------
def site() -> Iterator[Line]:
    enters = policies.may_sign_in

    def page(action: str, name: str, may: Policy = enters, **kwargs: Any) -> Line:
        return Line("Site", action, (f"admin:{name}",), may, (opening(reverse(f"admin:{name}", kwargs=kwargs)),))

    yield page("the first page", "index")
    yield Line("Site", "search for pages", ("admin:search",), enters, (opening(reverse("admin:search"), s="a"),))
    yield page("the texts of the scripts", "jsi18n")
    yield page("change one's password", "password_change")
    yield page("be told that it was changed", "password_change_done")
    yield page("the pages of the mirror", "app_list", app_label="crm_mirror")
    yield page("the pages of Call Guard", "app_list", app_label="callguard")
    yield page("the pages of the schedule", "app_list", administrators, app_label="django_celery_beat")
    yield Line("Site", "sign in", ("admin:login",), everybody, (answered("get", reverse("admin:login")),))
    yield Line("Site", "sign out", ("admin:logout",), enters, (signing_out,))
    yield Line("Site", "guess the page of a row", ("admin:view_on_site",), nobody, (guessing,))
    lost = (opening("/admin/nothing/"), opening("/admin/crm_mirror/nothing/1/"))
    yield Line("Site", "guess a page", (r"admin/(?P<url>.*)$",), nobody, lost)
    yield Line("Site", "the site's root", ("",), everybody, (answered("get", "/"),))
    yield Line("Site", "choose a language", ("set_language",), everybody, (answered("post", reverse("set_language")),))


def signing_out(visitor: Visitor) -> bool:
    return shown(browser_of(visitor).post(reverse("admin:logout")))


def browser_of(visitor: Visitor) -> Client:
    """Another one of his, for what would end his session or write into it."""
    browser = Client()
    if account := visitor.world.accounts.get(visitor.role):
        browser.force_login(account)
    return browser


def guessing(visitor: Visitor) -> bool:
    """By content type and ID, her company's and one that is not there: nobody may tell them apart."""
    kind, row = ContentType.objects.get_for_model(Company), visitor.world.subject(Company)
    hers, none = (visitor.get(reverse("admin:view_on_site", args=[kind.pk, pk])) for pk in (row.pk, 999_999))
    assert hers.told.replace(f"/{row.pk}/", "/999999/") == none.told
    return shown(hers)


# --- Pages with a rule of their own ----------------------------------------------------------------------------------
def special_pages() -> Iterator[Line]:
    probe, sync = "admin:callguard_call_probe", "Synchronisation"
    yield Line("Try a number", "open", (probe,), policies.may_sign_in, (opening(reverse(probe)),))
    yield Line("Try a number", "ask in the employee's name", (probe,), asks_for_her, (probing("verdict"),))
    yield Line("Try a number", "read why", (probe,), sees_why, (probing("steps"),))
    for name, action in (("page", "look"), ("progress", "watch its progress"), ("begin", "begin one")):
        address = f"admin:crm_mirror_syncrun_{name}"
        passed = answered("get", reverse(address), also=(405,))  # only a POST begins one; who may not is told first
        yield Line(sync, action, (address,), administrators, (passed,))
    yield Line("Boxed portal", "open", ("box:page",), administrators, (opening(reverse("box:page")),))
    taken = answered("get", reverse("box:package"), also=(405,))  # by POST only, as above
    yield Line("Boxed portal", "take the package with its secret", ("box:package",), administrators, (taken,))
    yield Line(
        "callguard.Account", "set a password", ("admin:auth_user_password_change",), administrators, (password_of,)
    )
    yield from statuses()
    yield from editing()
    enters = policies.may_sign_in
    yield Line("Site", "an old address of a row", ("<path:object_id>/",), enters, (old_address,))


def setting_up() -> Iterator[Line]:
    """Buttons take a POST only; who may not is told first."""
    portal, people = "Connecting the portal", "Administrators of the portal"
    only = administrators
    yield Line(portal, "open it", ("setup:page",), only, (opening(reverse("setup:page")),))
    steps = [reverse("setup:step", args=[code]) for code in TITLES]
    yield Line(portal, "open a step", ("setup:step",), only, tuple(opening(step) for step in steps))
    yield Line(portal, "watch the first sync", ("setup:progress",), only, (opening(reverse("setup:progress")),))
    for name, action in (("check", "check it"), ("survey", "look what it lacks, create it"), ("begin", "begin a sync")):
        button = answered("get", reverse(f"setup:{name}"), also=(405,))
        yield Line(portal, action, (f"setup:{name}",), only, (button,))
    page, change = "setup:administrators", "setup:change-administrators"
    yield Line(people, "open the list", (page,), only, (opening(reverse(page)),))
    yield Line(people, "change or confirm it", (change,), only, (answered("get", reverse(change), also=(405,)),))


def statuses() -> Iterator[Line]:
    """The status of a company is no field of its page: it has addresses of its own."""
    resource, prefix = "crm_mirror.Company", "admin:crm_mirror_company"
    yield Line(resource, "set the status on its page", (f"{prefix}_status",), her_status, (by_button,))
    yield Line(resource, "set the status of many", (f"{prefix}_statuses",), her_status, (by_bulk,))
    yield Line(resource, "hear how the status stands", (f"{prefix}_standings",), sees_her_client, (hearing,))


def editing() -> Iterator[Line]:
    """What changes palettes wants a POST (405), and what is asked nonsense says so (400): to who may edit them."""
    for name, args in {
        "proposal": [],
        "check": [],
        "preview": [],
        "import": [],
        "export": [1],
        "discard": [1],
        "restore": [1],
    }.items():
        address = f"admin:callguard_palette_{name}"
        asked = answered("get", reverse(address, args=args), also=(400, 404, 405))
        yield Line("callguard.Palette", f"editor: {name}", (address,), edits, (asked,))


def by_button(visitor: Visitor) -> bool:
    url = reverse("admin:crm_mirror_company_status", args=[visitor.world.subject(Company).pk])
    return setting(visitor, url, {})


def by_bulk(visitor: Visitor) -> bool:
    guessed = {"companies": str(visitor.world.subject(Company).portal_id), "confirm": "yes"}
    return setting(visitor, reverse("admin:crm_mirror_company_statuses"), guessed)


def setting(visitor: Visitor, url: str, sent: dict[str, Any]) -> bool:
    """Whether it was set, by what is kept of it."""

    @taken_back
    def attempted(visitor: Visitor) -> bool:
        Status.objects.update(in_portal=True)
        visitor.post(url, sent | {"status": Status.objects.values_list("value", flat=True)[0]})
        return CompanyStatus.objects.exists()

    return attempted(visitor)


def hearing(visitor: Visitor) -> bool:
    portal_id = visitor.world.subject(Company).portal_id
    answer = visitor.get(reverse("admin:crm_mirror_company_standings"), {"company": portal_id})
    return shown(answer) and str(portal_id) in answer.json()


def probing(what: str) -> Try:
    """`what`: the part of the answer that is looked for."""

    def probed(visitor: Visitor) -> bool:
        sent = {"phone": NUMBER, "caller": OLGA.id, "direction": "outgoing"}
        answer = visitor.client.post(reverse("admin:callguard_call_probe"), sent)  # she is named to who asks for her
        if not shown(answer) or not answer.context.get(what):
            assert visitor.role not in OUTSIDERS or COMPANY not in answer.content.decode()
            return False
        return True

    return probed


def password_of(visitor: Visitor) -> bool:
    spare = visitor.world.subject(Account)
    return shown(visitor.get(reverse("admin:auth_user_password_change", args=[spare.pk])))


def old_address(visitor: Visitor) -> bool:
    """It only leads to the row's page, which decides."""
    url = f"/admin/crm_mirror/company/{visitor.world.subject(Company).pk}/"
    return str(visitor.get(url).headers["Location"]) == f"{url}change/"


# --- The API ---------------------------------------------------------------------------------------------------------
def api() -> Iterator[Line]:
    caller = policies.may_sign_in
    yield call("ask for a verdict", "verdict", caller, lambda ask: ask("get", VERDICT, {"phone": NUMBER}))
    yield call("record a call of one's own", "calls", caller, lambda ask: ask("post", reverse("calls"), ring("new")))
    taken = ring(CALL_ID)
    yield call("repeat the employee's call", "calls", she_herself, lambda ask: ask("post", reverse("calls"), taken))
    end, ended = reverse("call-end", args=[CALL_ID]), {"answered": True, "duration_s": 1}
    yield call("end the employee's call", "call-end", she_herself, lambda ask: ask("post", end, ended))
    dispute = reverse("call-dispute", args=[CALL_ID])
    yield call(
        "dispute the employee's call", "call-dispute", she_herself, lambda ask: ask("post", dispute, {"comment": ""})
    )
    yield Line(
        *("API", "set the status of the employee's company", ("company-status",), her_status),
        (setting_status(by_token=False), setting_status(by_token=True)),
    )
    yield Line(
        *("API", "ask how the status of the employee's company stands", ("company-status",), sees_her_client),
        (asking_status("company-status", by_token=False), asking_status("company-status", by_token=True)),
    )
    yield Line(
        *("API", "hear that one's change of that status would stay", ("company-status-permission",), her_status),
        tuple(asking_status("company-status-permission", by_token=by_token) for by_token in (False, True)),
    )
    for name in ("schema", "docs"):
        yield Line("API", f"read the {name}", (name,), everybody, (answered("get", reverse(name)),))
    yield Line("API", "guess an address", ("^api/",), nobody, (answered("get", "/api/v1/nothing/"),))


def ring(call_id: str) -> dict[str, Any]:
    return {"call_id": call_id, "phone": NUMBER, "direction": "outgoing"}


Ask = Callable[..., bool]


def call(action: str, name: str, may: Policy, asked: Callable[[Ask], bool]) -> Line:
    """A line that is tried in a signed-in browser, and with a card token in one that is not."""

    def attempt(*, by_token: bool) -> Try:
        @taken_back
        def attempted(visitor: Visitor) -> bool:
            return asked(lambda method, url, body: asking(visitor, method, url, body, by_token=by_token))

        return attempted

    return Line("API", action, (name,), may, (attempt(by_token=False), attempt(by_token=True)))


def asking(visitor: Visitor, method: str, url: str, body: Any, *, by_token: bool) -> bool:
    """A verdict names the responsible to whoever calls: that is what it is for. So it is not looked through."""
    client = visitor.world.clients["anonymous"] if by_token else visitor.client
    headers = bearer_of(visitor) if by_token else {}
    sent = body if method == "get" else json.dumps(body)
    more = {} if method == "get" else {"content_type": "application/json"}
    answer: Any = getattr(client, method)(url, sent, headers=headers, **more)
    assert answer.status_code < 300 or answer.status_code in REFUSED | {409}, answer.content
    return bool(answer.status_code < 300)


def bearer_of(visitor: Visitor) -> dict[str, str]:
    """Of administrators the portal says so in the token; of a superuser here too, as it knows nothing of ours."""
    return visitor.by_token(is_admin=visitor.role in ("administrator", "superuser"))


def setting_status(*, by_token: bool) -> Try:
    @taken_back
    def attempted(visitor: Visitor) -> bool:
        Status.objects.update(in_portal=True)
        value = Status.objects.values_list("value", flat=True)[0]
        url = reverse("company-status", args=[visitor.world.subject(Company).portal_id])
        return asking(visitor, "patch", url, {"status": value}, by_token=by_token)

    return attempted


def asking_status(name: str, *, by_token: bool) -> Try:
    def attempted(visitor: Visitor) -> bool:
        url = reverse(name, args=[visitor.world.subject(Company).portal_id])
        return asking(visitor, "get", url, {}, by_token=by_token)

    return attempted


# --- Watchers and the portal -----------------------------------------------------------------------------------------
def watchers() -> Iterator[Line]:
    for path in ("healthz", "readyz"):
        yield Line("Server", f"ask {path}", (path,), everybody, (answered("get", f"/{path}", also=(503,)),))
    metrics = answered("get", "/metrics", REMOTE_ADDR=ELSEWHERE)
    yield Line("Server", "read metrics from elsewhere without METRICS_TOKEN", ("metrics",), nobody, (metrics,))
    for name, what in (("portal-events", "tell of an event"), ("portal-install", "install")):
        url = reverse(name)
        yield Line("Portal", f"{what} without the portal's proof", (name,), nobody, (answered("post", url),))
    start, back = "signin:start", "signin:return"
    yield Line("Portal", "begin to sign in with the portal account", (start,), everybody, (leaving,))
    forged = answered("get", f"{reverse(back)}?state=forged&code=forged")
    yield Line("Portal", "come back from the portal without its proof", (back,), nobody, (forged,))
    for name, what in (("card", "the card's tab"), ("worker", "the worker"), ("token", "the next card token")):
        posted = answered("post", reverse(f"bitrix_cloud:{name}"))
        yield Line("Portal", f"get {what} without the portal's proof", (f"bitrix_cloud:{name}",), nobody, (posted,))
    failed = answered("post", reverse("bitrix_cloud:worker_failed"), also=(204,))  # nothing is told or done there
    yield Line("Portal", "say that the worker failed", ("bitrix_cloud:worker_failed",), everybody, (failed,))


def leaving(visitor: Visitor) -> bool:
    """With an application set up."""
    portal = "https://portal.example"
    application = {"BITRIX_APP_ID": "app", "BITRIX_APP_SECRET": "secret", "BITRIX_PORTAL_URL": portal}
    with override_settings(PORTAL_ORIGIN=portal, BITRIX_WEBHOOK_URL="", **application):
        answer: Any = browser_of(visitor).get(reverse("signin:start"))
    return answer.status_code == 302 and answer.url.startswith(portal)


def answered(method: str, url: str, *, also: tuple[int, ...] = (), **environ: str) -> Try:
    """Whether it answers, or leads to somewhere that is not the sign-in page."""

    def attempted(visitor: Visitor) -> bool:
        answer: Any = getattr(visitor.client, method)(url, **environ)
        assert answer.status_code < 500 or answer.status_code in also
        away = answer.status_code == 302 and not answer.url.startswith(reverse("admin:login"))
        return answer.status_code == 200 or away or answer.status_code in also

    return attempted
