"""How an action is tried: through HTTP, by whoever visits; True when it was done or shown, False when it was refused.

What changes rows is taken back after each try.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import ModelAdmin
from django.contrib.admin.utils import quote
from django.db import transaction
from django.db.models import ForeignKey, Model
from django.urls import reverse

from crm_mirror.models import Employee
from tests.permissions.world import Visitor

Try = Callable[[Visitor], bool]
REFUSED = {302, 400, 401, 403, 404, 405}  # 302: to the sign-in page, or to the first page as if there were no such row


def address(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def shown(answer: Any) -> bool:
    assert answer.status_code == 200 or answer.status_code in REFUSED, answer
    return bool(answer.status_code == 200)


def taken_back(attempt: Try) -> Try:
    """The attempt, and the rows as they were before it."""

    def attempted(visitor: Visitor) -> bool:
        with transaction.atomic():
            done = attempt(visitor)
            transaction.set_rollback(True)
        return done

    return attempted


def opening(url: str, **query: Any) -> Try:
    return lambda visitor: shown(visitor.get(url, query))


# --- Lists -----------------------------------------------------------------------------------------------------------
def listing(model: type[Model], query: Callable[[Any], dict[str, Any]]) -> Try:
    """Whether the list, asked so, holds the row. `query` is made from the row."""

    def listed(visitor: Visitor) -> bool:
        row = visitor.world.subject(model)
        answer: Any = visitor.get(address(model, "changelist"), query(row))
        return shown(answer) and row.pk in {one.pk for one in answer.context["cl"].result_list}

    return listed


def finding(model: type[Model], pages: ModelAdmin[Any], *, search: str, person: str) -> Iterator[Try]:
    """Plainly, by search, by a guessed ID, as a pop-up to choose from, and by the person whose row it is."""
    yield listing(model, lambda row: {})
    yield listing(model, lambda row: {"id__exact": row.pk})
    yield listing(model, lambda row: {"_popup": 1, "_to_field": "id"})
    if search:
        yield listing(model, lambda row: {"q": search})
    if person:
        yield listing(model, lambda row: {f"{person}__portal_id__exact": getattr(row, f"{person}_id")})
    if pages.date_hierarchy:
        yield listing(model, lambda row: {f"{pages.date_hierarchy}__year": row.at.year})


# --- Rows ------------------------------------------------------------------------------------------------------------
def reading(model: type[Model]) -> Iterator[Try]:
    """The page, as a pop-up, by another unique field, and the page of its history."""

    def page(name: str, field: str = "pk", **query: Any) -> Try:
        def opened(visitor: Visitor) -> bool:
            key = getattr(visitor.world.subject(model), field)
            return shown(visitor.get(address(model, name, quote(key)), query))

        return opened

    yield page("change")
    yield page("change", _popup=1)
    yield page("history")
    if model is Employee:  # the only one with pages that others point to by portal ID
        yield page("change", "portal_id", _to_field="portal_id", _popup=1)


def choosing(model: type[Model]) -> Iterator[Try]:
    """Whether one of the fields that point to the model offers the row, for each field there is."""
    for source in apps.get_models():
        for field in source._meta.get_fields():
            if isinstance(field, ForeignKey) and field.remote_field.model is model:
                yield offered(model, field)


def offered(model: type[Model], field: ForeignKey[Any, Any]) -> Try:
    names = {"app_label": field.model._meta.app_label, "model_name": field.model._meta.model_name}

    def offering(visitor: Visitor) -> bool:
        row = visitor.world.subject(model)
        answer: Any = visitor.get(reverse("admin:autocomplete"), {**names, "field_name": field.name, "term": ""})
        key = str(getattr(row, field.remote_field.field_name or "pk"))
        return shown(answer) and key in {one["id"] for one in answer.json()["results"]}

    return offering


# --- Changing them ---------------------------------------------------------------------------------------------------
def adding(model: type[Model], new: Callable[[], dict[str, Any]]) -> Try:
    @taken_back
    def added(visitor: Visitor) -> bool:
        before = model._default_manager.count()
        answer = visitor.post(address(model, "add"), new())
        done = model._default_manager.count() > before
        assert done or shown(answer) or answer.status_code in REFUSED
        return done

    return added


def saving(model: type[Model]) -> Try:
    """Sends the page's form as it stands."""

    @taken_back
    def saved(visitor: Visitor) -> bool:
        url = address(model, "change", quote(visitor.world.subject(model).pk))
        if url not in visitor.world.forms:
            visitor.world.forms[url] = form_of(visitor.world.visitor("superuser").get(url))
        answer = visitor.post(url, visitor.world.forms[url])
        assert answer.status_code in REFUSED, answer.context["adminform"].form.errors
        return answer.headers.get("Location") == address(model, "changelist")

    return saved


def form_of(answer: Any) -> dict[str, Any]:
    """What a browser would send of a change page; a page without a form sends nothing."""
    fields = [*answer.context["adminform"].form]
    for inline in answer.context["inline_admin_formsets"]:
        fields += [*inline.formset.management_form]
    values = {field.html_name: field.value() for field in fields}
    return {name: value for name, value in values.items() if value is not None and value is not False}


def removing(model: type[Model]) -> Iterator[Try]:
    """By its page and by the list's action."""

    def gone(visitor: Visitor) -> bool:
        return not model._default_manager.filter(pk=visitor.world.subject(model).pk).exists()

    @taken_back
    def by_page(visitor: Visitor) -> bool:
        url = address(model, "delete", quote(visitor.world.subject(model).pk))
        is_offered = shown(visitor.get(url))
        visitor.post(url, {"post": "yes"})
        assert is_offered == gone(visitor), (visitor.role, url)
        return is_offered

    @taken_back
    def by_action(visitor: Visitor) -> bool:
        acted(visitor, model, "delete_selected", post="yes")
        return gone(visitor)

    yield by_page
    yield by_action


def acting(model: type[Model], action: str, proof: Callable[[Any], bool]) -> Try:
    """An action of the list on the row. `proof`: of the answer that it was carried out."""

    @taken_back
    def attempted(visitor: Visitor) -> bool:
        answer = acted(visitor, model, action)
        return answer.status_code < 400 and proof(answer)

    return attempted


def acted(visitor: Visitor, model: type[Model], action: str, **more: Any) -> Any:
    row = visitor.world.subject(model)
    sent = {"action": action, ACTION_CHECKBOX_NAME: [row.pk], **more}
    return visitor.post(address(model, "changelist"), sent)


def pages_of(model: type[Model]) -> ModelAdmin[Any]:
    return admin.site.get_model_admin(model)
