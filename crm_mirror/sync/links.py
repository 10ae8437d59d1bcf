"""Contacts' companies on portals whose crm.item.list does not tell them: one command for each contact.

docs: api-reference/crm/contacts/company/crm-contact-company-items-get. 50 contacts a request, so a last resort.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from crm_mirror.models import Contact
from crm_mirror.portal.batch import MOST_COMMANDS, Command, Outcome, asked, run_batch
from crm_mirror.portal.client import Client
from crm_mirror.portal.errors import CallRefused, PortalError
from crm_mirror.portal.paging import Row
from crm_mirror.sync import cursors
from crm_mirror.sync.bench import Bench
from crm_mirror.sync.kinds import LINK, Kind
from crm_mirror.sync.look import Look, Source
from crm_mirror.sync.plan import MOST_STUMBLES, Pass
from crm_mirror.sync.write import Run, write_run


def read_singly(bench: Bench, one: Pass) -> None:
    """The whole pass over the links, from where it stands; contacts are those the mirror knows.

    An error of single commands that lasts stops the pass; PortalError is raised when the portal is lost.
    """
    contacts = Contact.objects.live()
    expected = contacts.count()
    cursors.learned(one.position, expected=expected)
    while True:
        bench.tick()
        after = one.position.last_id
        beyond = contacts.filter(portal_id__gt=after).order_by("portal_id").values_list("portal_id", flat=True)
        ids = list(islice(beyond, MOST_COMMANDS))
        try:
            outcomes, ticket = answers(bench.client, commands_for(ids))
            rows = companies_of(outcomes)
        except PortalError as error:
            one.stopped(error)
            return
        closes = len(ids) < MOST_COMMANDS
        run = Run(ids[-1] if ids else after, rows, closes=closes)
        look = Look(bench.clock(), ticket, Source.FULL, is_first=one.position.is_first)
        one.position, counts = write_run(one.kind, one.position, run, look)
        bench.report.counts(one.kind.name).add(counts)
        bench.on_rows(one.kind.name, len(rows), expected)
        if closes:
            return


def answers(client: Client, commands: Mapping[str, Command]) -> tuple[dict[str, Outcome], int]:
    """Outcomes by key, and the first request's ticket; commands that failed in passing are asked again, a few times."""
    found, ticket = asked(client, commands)
    for _ in range(MOST_STUMBLES - 1):
        again = {key: command for key, command in commands.items() if has_passing_error(found[key])}
        if not again:
            break
        found |= run_batch(client, again)
    return found, ticket


def has_passing_error(outcome: Outcome) -> bool:
    return isinstance(outcome, PortalError) and outcome.retryable


def commands_for(contact_ids: Sequence[int]) -> dict[str, Command]:
    return {f"contact_{one}": Command("crm.contact.company.items.get", {"id": one}) for one in contact_ids}


def companies_of(outcomes: Mapping[str, Outcome]) -> list[Row]:
    """Rows as crm.item.list would bring them. A contact that was deleted meanwhile is passed over."""
    rows: list[Row] = []
    for key, outcome in outcomes.items():
        if isinstance(outcome, PortalError):
            if not isinstance(outcome, CallRefused):
                raise outcome
            continue
        rows.append({"id": key.removeprefix("contact_"), "companyIds": _company_ids(outcome.result)})
    return rows


def telling(kind: Kind, rows: Sequence[Row]) -> list[Row]:
    """Of links only rows that tell their companies: a portal older than `companyIds` leaves the key out."""
    return [row for row in rows if kind.name != LINK or "companyIds" in row]


def _company_ids(result: Any) -> list[Any]:
    return [row.get("COMPANY_ID") for row in result if isinstance(row, dict)] if isinstance(result, list) else []
