"""One's own record: who looked at it, and all that is kept, to be taken home."""

from __future__ import annotations

import tempfile
from typing import IO

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callguard.access.acting import acting, for_those
from callguard.access.policies import may_see_own_record
from callguard.dashboard.frame import shown
from callguard.models import Origin
from callguard.privacy.access import looks_at
from callguard.privacy.files import NothingKept, hand_out_employee
from callguard.privacy.retention import periods_in_force

AT_ONCE = 50
IN_MEMORY = 4 * 1024 * 1024  # bytes of a file; a larger one is written to the disk


@for_those(may_see_own_record)
def page(request: HttpRequest) -> HttpResponse:
    employee_id = acting(request).employee_id
    if employee_id is None:
        raise Http404("an account without an employee")
    context = {
        "page": Paginator(looks_at(employee_id), AT_ONCE).get_page(request.GET.get("p")),
        "periods": periods_in_force(),
    }
    return shown(request, "privacy/own.html", context, title=_("Who looked at my record"))


@for_those(may_see_own_record)
@require_POST
def take(request: HttpRequest) -> FileResponse:
    actor = acting(request)
    if actor.employee_id is None:
        raise Http404("an account without an employee")
    file = spooled()
    try:
        hand_out_employee(actor.employee_id, file, by=actor, origin=Origin.ADMIN, at=timezone.now())
    except NothingKept as error:
        file.close()
        raise Http404("nothing is kept") from error
    return downloaded(file)


def spooled() -> IO[bytes]:
    """FileResponse closes it."""
    return tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)


def downloaded(file: IO[bytes]) -> FileResponse:
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="personal-data.zip", content_type="application/zip")
