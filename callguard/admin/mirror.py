"""The mirror's pages that not only administrators open, each with the rows that are for its reader."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model

from callguard.admin.history import WithHistory
from callguard.admin.scopes import Scoped
from callguard.models import About
from crm_mirror.admin import entities, people, phones
from crm_mirror.models import Contact, Deal, Employee, Lead, PhoneNumber


class ContactPages(Scoped, entities.ContactAdmin):
    """Contacts of his people."""


class LeadPages(Scoped, entities.LeadAdmin):
    """Leads of his people."""


class DealPages(Scoped, entities.DealAdmin):
    """Deals of his people."""


class EmployeePages(Scoped, WithHistory, people.EmployeeAdmin):
    """His people and himself; also what is offered wherever one chooses a person."""

    history_about = (About.ROLE,)
    history_key = "portal_id"


class PhoneNumberPages(Scoped, phones.PhoneNumberAdmin):
    """Numbers of his people's clients."""


PAGES: dict[type[Model], type[admin.ModelAdmin[Model]]] = {
    Contact: ContactPages,
    Lead: LeadPages,
    Deal: DealPages,
    Employee: EmployeePages,
    PhoneNumber: PhoneNumberPages,
}
for model, pages in PAGES.items():
    admin.site.unregister(model)
    admin.site.register(model, pages)
