"""The figures bonuses are paid by, for other programs: the same as on the page, by the same rights."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from callguard.api import shapes
from callguard.api.auth import acting
from callguard.api.problems import NoSuchPerson
from callguard.api.serializers import KpiSerializer
from callguard.api.shapes import problems
from callguard.api.views import ALWAYS, LANGUAGE, ApiView, checked
from callguard.health import mirror_age
from callguard.kpi import figures
from callguard.models import Opened
from callguard.privacy import note_access
from callguard.reports.question import Question


class Kpi(ApiView):
    @extend_schema(
        operation_id="kpi",
        summary="Figures of people in a period",
        description="Of oneself and of the people one manages; of everybody for administrators.",
        parameters=[KpiSerializer, LANGUAGE],
        responses={200: shapes.Kpi, **problems(400, 404, *ALWAYS)},
    )
    def get(self, request: Request) -> Response:
        asked, now = checked(KpiSerializer, request.query_params.dict()), timezone.now()
        actor = acting(request)
        q = Question.asked({name: str(value) for name, value in asked.items()}, actor, now)
        if "person" in asked and q.person is None:
            raise NoSuchPerson
        if q.notes:  # days that have not begun
            raise ValidationError({"from": list(q.notes)})
        note_access(actor, about=q.people, page=Opened.EXPORT, at=now, detail="KPI, API")
        rows = figures.by_person(q)
        if q.person is not None and not rows:
            rows = [figures.Kpi(q.person)]
        return Response(
            {
                "from": q.first,
                "to": q.last,
                "complete": q.is_complete,
                "mirror_age_s": mirror_age(at=now),
                "people": [person_answer(q, one) for one in rows],
            }
        )


def person_answer(q: Question, kpi: figures.Kpi) -> dict[str, Any]:
    """shapes.PersonKpi"""
    return {
        "person": {"id": kpi.person_id, "name": q.company.name_of(kpi.person_id)},
        "calls_to_leads": kpi.to_leads,
        "calls_on_deals": kpi.on_deals,
        "leads_converted": kpi.converted,
        **{name: won_answer(getattr(kpi, name)) for name in ("won", "taken", "corrected")},
    }


def won_answer(won: figures.Won) -> dict[str, Any]:
    """shapes.Won"""
    return {"deals": won.deals, "sums": [{"currency": one, "amount": str(sum_)} for one, sum_ in won.sums.items()]}
