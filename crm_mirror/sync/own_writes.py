"""What we have just written, read back: the mirror shows it at once, not only when the next look comes round.

Only a convenience. A process that dies before it, or a portal that is lost, leaves the rows to the next delta.
"""

from __future__ import annotations

from datetime import datetime

from crm_mirror.models import OutboxCall
from crm_mirror.portal.errors import PortalError
from crm_mirror.sync.bench import Bench
from crm_mirror.sync.hints import ENTITIES
from crm_mirror.sync.rereading import portions, reread, write
from crm_mirror.sync.writer import writing


def read_back(bench: Bench, *, since: datetime) -> None:
    """Read the rows again about which calls were accepted since then and have not come back by themselves."""
    try:
        for portion in portions(written_since(since)):
            bench.tick()
            wanted: dict[str, list[int]] = {}
            for kind, row in portion:
                wanted.setdefault(kind, []).append(row)
            readings = reread(bench, wanted).readings
            with writing():
                write(bench, readings)
    except PortalError as error:
        bench.warn(f"what was written is read back later ({error}). {error.remedy}")


def written_since(at: datetime) -> list[tuple[str, int]]:
    """Kind and portal ID of the rows; notices and other things that the mirror does not hold are left out."""
    done = OutboxCall.objects.filter(state=OutboxCall.State.DONE, done_at__gte=at, echoed_at=None)
    named = (entity.partition(":") for entity in done.values_list("entity", flat=True).distinct())
    return sorted((kind, int(row)) for kind, _colon, row in named if kind in ENTITIES and row.isdecimal())
