"""docs/permissions.md, written from the lines of the matrix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver

from tests.permissions import dashboard, kpi, others, pages, workshop
from tests.permissions.lines import Line
from tests.permissions.roles import ACTORS

PATH = Path(__file__).parent.parent.parent / "docs" / "permissions.md"
YES, NO = "yes", "–"
INTRODUCTION = """# Who may what

*По-русски.* Таблица ниже — всё, что открывается по сети: страницы администрирования и вызовы API, и кому они доступны.
Строки таблицы взяты из тех же правил (`callguard/access/policies.py`, `callguard/access/scopes.py`), которые спрашивает
программа; тест пробует каждую клетку по HTTP от имени каждой роли. Строки матрицы — клиенты, звонки и отсутствие
сотрудницы Ольги: *employee* — она сама, *another employee* — коллега из того же отдела, *supervisor* — её руководитель,
*other supervisor* — руководитель другого отдела, *dismissed* — уволенный, чья учётная запись осталась.

Written by `python -m tests.permissions`; do not edit. `tests/test_permissions.py` fails when this page and the policies
differ, when an address has no line, and when HTTP really does otherwise: every cell is tried as every role, on the row
itself, through lists, searches, filters, guessed IDs, pop-ups, autocompletes, histories and exports.

The rows of the matrix are those of one employee, Olga: her clients, her call, her absence, the line about her company.
**employee** is she herself, **another employee** her colleague, **supervisor** her manager (`SUPERVISOR_SCOPE`),
**other supervisor** the head of another department, **dismissed** somebody who left and whose account is still there.
A list that opens holds only the rows that its reader may see. What is refused looks the same for a row that exists and
for one that does not. Anonymous and dismissed people are led to the sign-in page.
"""


def lines() -> list[Line]:
    return [*pages.lines(), *others.lines(), *dashboard.lines(), *kpi.lines(), *workshop.lines()]


def written(lines: Iterable[Line]) -> str:
    by_resource: dict[str, list[Line]] = {}
    for line in lines:
        by_resource.setdefault(line.resource, []).append(line)
    return "\n".join([INTRODUCTION, *(part for name, found in by_resource.items() for part in table(name, found))])


def table(name: str, lines: list[Line]) -> Iterator[str]:
    yield f"## {name}\n"
    yield "| action | " + " | ".join(ACTORS) + " |"
    yield "|---|" + "---|" * len(ACTORS)
    for line in lines:
        yield f"| {line.action} | " + " | ".join(YES if may else NO for may in line.cells.values()) + " |"
    yield ""


# --- Every address there is ------------------------------------------------------------------------------------------
def addresses() -> Iterator[str]:
    """As `Line.covers` names them: by name, an unnamed one by its pattern."""
    yield from _addresses(get_resolver(), "", "")


def _addresses(resolver: URLResolver, namespace: str, prefix: str) -> Iterator[str]:
    for one in resolver.url_patterns:
        pattern = prefix + str(one.pattern)
        if isinstance(one, URLPattern):
            yield f"{namespace}{one.name}" if one.name else unnamed(pattern)
        else:
            inner = f"{namespace}{one.namespace}:" if one.namespace else namespace
            yield from _addresses(one, inner, pattern)


def unnamed(pattern: str) -> str:
    """Django's admin keeps an old address of each row, under every model: one line is about them all."""
    return "<path:object_id>/" if pattern.endswith("/<path:object_id>/") else pattern
