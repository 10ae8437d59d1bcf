"""What every page of the dashboard stands in: the admin's head and sidebar, so that people meet one program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse


def shown(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, title: str, status: int = 200
) -> TemplateResponse:
    """The page. `template`: its name below templates/callguard/dashboard/."""
    around = admin.site.each_context(request)
    return TemplateResponse(
        request, f"callguard/dashboard/{template}", {**around, "title": title, **context}, status=status
    )
