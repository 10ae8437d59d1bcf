"""The mirror's tables. Rows are keyed by the portal's own IDs and arrive in any order."""

from crm_mirror.models.entities import Company, Contact, ContactCompany, Deal, Entity, Lead
from crm_mirror.models.people import Department, Employee
from crm_mirror.models.phones import EntityType, PhoneNumber, UnreadablePhone
from crm_mirror.models.statuses import Status
from crm_mirror.models.sync import MethodPause, Quarantine, RequestAllowance, SyncCursor, SyncLease, SyncRun

__all__ = [
    "Company",
    "Contact",
    "ContactCompany",
    "Deal",
    "Department",
    "Employee",
    "Entity",
    "EntityType",
    "Lead",
    "MethodPause",
    "PhoneNumber",
    "Quarantine",
    "RequestAllowance",
    "Status",
    "SyncCursor",
    "SyncLease",
    "SyncRun",
    "UnreadablePhone",
]
