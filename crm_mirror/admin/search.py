"""Search of mirrored rows: by any spelling of a phone number, by portal ID, or by words of the name."""

import re
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crm_mirror.admin.base import ReadOnlyAdmin
from crm_mirror.models import EntityType, PhoneNumber
from crm_mirror.phones import numbers_in


def numbers_of(term: str) -> tuple[str, ...]:
    """The E.164 numbers that the typed text spells; empty when it spells none."""
    return numbers_in(term, settings.PHONE_REGION).numbers


def carriers_of(numbers: tuple[str, ...], kind: EntityType) -> QuerySet[PhoneNumber, int]:
    """Portal IDs of the entities that carry one of the numbers. Served by `phone_once_per_entity`."""
    return PhoneNumber.objects.filter(e164__in=numbers, entity_type=kind).values_list("entity_id", flat=True)


def words_in(field: str, term: str) -> Q:
    """Rows whose field holds every word. By regex, as SQLite's LIKE ignores the case of Latin letters only."""
    found = Q()
    for word in term.split():
        found &= Q(**{f"{field}__iregex": re.escape(word)})
    return found


class NameSearch(ReadOnlyAdmin):
    """Rows with `portal_id`: search by it or by words."""

    name_field = "name"
    search_help_text = _("Name or portal ID")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        return queryset.filter(self.matches(term)), False

    def matches(self, term: str) -> Q:
        by_name = words_in(self.name_field, term)
        return by_name | Q(portal_id=int(term)) if term.isdecimal() and len(term) < 19 else by_name


class NumberSearch(NameSearch):
    """And by any spelling of a number. A number that somebody carries finds its carriers only: that needs no scan."""

    name_field = "title"
    search_help_text = _("Name, portal ID or a phone number in any spelling")
    carrier_kinds: dict[EntityType, str] = {}  # whose numbers count → the field that holds that entity's portal ID

    def matches(self, term: str) -> Q:
        numbers = numbers_of(term)
        if numbers and PhoneNumber.objects.filter(e164__in=numbers, entity_type__in=self.carrier_kinds).exists():
            by_number = Q()
            for kind, field in self.carrier_kinds.items():
                by_number |= Q(**{f"{field}__in": carriers_of(numbers, kind)})
            return by_number
        return super().matches(term)
