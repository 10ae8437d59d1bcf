"""A portal with people of each role and a company in it, and one round of `manage.py sync`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from crm_mirror.models import Employee as Mirrored
from tests.callguard.status.reference import Values
from tests.portal import Employee, PortalDriver


@pytest.fixture
def round_of_sync(portal: PortalDriver, db: None) -> Callable[[], dict[str, Any]]:
    """What cron does; returns the JSON that the command prints."""

    def run() -> dict[str, Any]:
        out = StringIO()
        call_command("sync", stdout=out)
        told: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
        return told

    return run


@dataclass
class Office:
    """Olga is responsible for «Ромашка», which is «В ожидании»; Marina heads her and Ivan; Boris heads others."""

    portal: PortalDriver
    olga: Employee
    ivan: Employee
    marina: Employee
    boris: Employee
    anna: Employee  # an administrator whom nobody has told us of, unless known()
    sales: int
    romashka: int = 0

    def known(self) -> None:
        """Somebody has told us who is an administrator and who is not."""
        Mirrored.objects.update(is_portal_admin=False)
        Mirrored.objects.filter(portal_id__in=[1, self.anna.id]).update(is_portal_admin=True)

    @property
    def shown(self) -> str:
        return self.portal.status_of(self.romashka)

    def value(self, name: str) -> str:
        return str(self.portal.status_value(name))


@pytest.fixture(params=["enumeration", "crm_status"])
def office(portal: PortalDriver, round_of_sync: Callable[[], Any], request: pytest.FixtureRequest) -> Office:
    """Both kinds of the status field, after the first sync."""
    portal.status_kind = request.param
    assert portal.status_field
    marina, boris = portal.add_employee("Марина Кузнецова"), portal.add_employee("Борис Орлов")
    sales = portal.add_department("Продажи", head=marina)
    others = portal.add_department("Прочие", head=boris)
    portal.move_employee(marina, sales)
    portal.move_employee(boris, others)
    olga, ivan = (portal.add_employee(name, department=sales) for name in ("Ольга Петрова", "Иван Сидоров"))
    anna = portal.add_employee("Анна Главная", admin=True)
    made = Office(portal, olga, ivan, marina, boris, anna, sales)
    made.romashka = portal.add_company("Ромашка", responsible=olga, status="В ожидании")
    portal.portal.clock.advance(600)
    round_of_sync()
    made.known()
    return made


@pytest.fixture
def there(office):
    """After the first sync, in one of the two kinds."""
    return Values(office.portal)


@pytest.fixture
def look(round_of_sync):
    """A round of cron: reads, takes over, delivers. Twice, as what a look finds is sent after it."""

    def run():
        round_of_sync()
        return round_of_sync()

    return run
