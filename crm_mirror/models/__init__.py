"""The mirror's tables. Rows are keyed by the portal's own IDs and arrive in any order."""

from crm_mirror.models.changes import Change, ChangeReader
from crm_mirror.models.connection import PortalConnection
from crm_mirror.models.entities import Company, Contact, ContactCompany, Deal, Entity, Lead
from crm_mirror.models.inbox import InboxEvent
from crm_mirror.models.outbox import OutboxCall
from crm_mirror.models.people import Department, Employee
from crm_mirror.models.phones import EntityType, PhoneNumber, UnreadablePhone
from crm_mirror.models.statuses import Status, StatusField
from crm_mirror.models.sync import (
    DeltaCursor,
    Drift,
    MethodPause,
    Patrol,
    Quarantine,
    Repair,
    RequestAllowance,
    RequestMinute,
    SyncCursor,
    SyncLease,
    SyncRun,
)
from crm_mirror.models.telephony import EndedCall

__all__ = [
    "Change",
    "ChangeReader",
    "Company",
    "Contact",
    "ContactCompany",
    "Deal",
    "DeltaCursor",
    "Department",
    "Drift",
    "Employee",
    "EndedCall",
    "Entity",
    "EntityType",
    "InboxEvent",
    "Lead",
    "MethodPause",
    "OutboxCall",
    "Patrol",
    "PhoneNumber",
    "PortalConnection",
    "Quarantine",
    "Repair",
    "RequestAllowance",
    "RequestMinute",
    "Status",
    "StatusField",
    "SyncCursor",
    "SyncLease",
    "SyncRun",
    "UnreadablePhone",
]
