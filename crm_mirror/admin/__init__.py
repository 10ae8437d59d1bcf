"""The mirror in the admin: looked at and searched, never edited; the portal is where people edit."""

from crm_mirror.admin import entities, outbox, people, phones, sync

__all__ = ["entities", "outbox", "people", "phones", "sync"]
