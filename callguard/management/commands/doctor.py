"""`manage.py doctor`: a line for each thing that must work, with how to put it right. Exit 1 when one does not."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from callguard.health import diagnosis_of_everything
from crm_mirror.diagnosis import Finding


class Command(BaseCommand):
    help = "Say of each thing that must work whether it does, and how to put it right."
    requires_system_checks = ()  # it must speak when everything is broken

    def handle(self, *args: Any, **options: Any) -> None:
        findings = diagnosis_of_everything(at=timezone.now())
        for finding in findings:
            self.stdout.write(line(finding))
        if not all(finding.ok for finding in findings):
            sys.exit(1)


def line(finding: Finding) -> str:
    """`ok`, `todo` where nothing is wrong and somebody's part is not done yet, or `FAIL`."""
    if finding.ok and not finding.is_open:
        return f"ok    {finding.name}: {finding.detail}"
    cause = f" ({' '.join(finding.cause.split())})" if finding.cause else ""
    return f"{'todo' if finding.ok else 'FAIL'}  {finding.name}: {finding.detail}{cause} → {finding.remedy}"
