"""The mirror in the admin: looked at and searched, never edited; the portal is where people edit."""

from crm_mirror.admin import entities, news, outbox, people, phones, sync

__all__ = ["entities", "news", "outbox", "people", "phones", "sync"]
