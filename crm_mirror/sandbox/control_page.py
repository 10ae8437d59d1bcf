"""HTML of the control page: plain, without scripts."""

from __future__ import annotations

from html import escape
from typing import Any

from crm_mirror.sandbox.faults import NAMES
from crm_mirror.sandbox.log import Entry

STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.2rem .6rem;border-bottom:1px solid #ddd}"
    "form{display:inline-block;margin:0 .6rem .6rem 0}"
)


def page(state: dict[str, Any], entries: list[Entry]) -> str:
    """The whole page; everything from outside is escaped."""
    limits = "включены" if state["limits_on"] else "выключены"
    parts = [
        f"<h1>Портал-песочница</h1><p>{escape(state['url'])} · {escape(state['edition'])} · {escape(state['now'])}</p>",
        f"<h2>Ограничения {limits}</h2>",
        _form("limits", f'<input type=hidden name=on value="{0 if state["limits_on"] else 1}">', "Переключить"),
        _form("advance", "<input name=seconds value=60 size=6>", "Перевести часы вперёд, с"),
        _form("jump", "<input name=seconds value=-3600 size=6>", "Сбить часы, с"),
        _form("reset", "", "Сбросить журнал, счётчики и сбои"),
        f"<h2>Сбои</h2>{_table(['сбой', 'вероятность', 'сработал', 'осталось'], _fault_rows(state['faults']))}",
        _form("faults", '<input name=spec size=40 placeholder="503=0.1,slow:300ms">', "Включить"),
        _form("heal", "", "Выключить все"),
        f"<p>Известные: {', '.join(sorted(NAMES))}</p>",
        f"<h2>События</h2>{_table(['событие', 'куда', 'офлайн'], _handler_rows(state['handlers']))}",
        _form("webhook", '<input name=url size=40 placeholder="https://…/bitrix/events/">', "Создать исходящий вебхук"),
        f"<h2>Сотрудники</h2>{_table(['ID', 'имя', 'работает', 'администратор'], _people_rows(state['users']))}",
        f"<h2>Последние запросы из {state['requests']}</h2>",
        _table(["когда", "метод", "команд", "статус", "байт", "сбой"], _log_rows(entries)),
    ]
    head = f'<meta charset="utf-8"><title>Портал-песочница</title><style>{STYLE}</style>'
    return f"<!DOCTYPE html><html lang=ru><head>{head}</head><body>{''.join(parts)}</body></html>"


def webhook_page(webhook_url: str, application_token: str) -> str:
    """What the portal shows once an outgoing webhook is made: the token that its events carry."""
    head = f'<meta charset="utf-8"><title>Исходящий вебхук</title><style>{STYLE}</style>'
    told = f"<p>События приходят на {escape(webhook_url)}</p><p>Токен приложения: <code>{application_token}</code></p>"
    back = "<p><a href=/_sandbox/>Назад</a></p>"
    return f"<!DOCTYPE html><html lang=ru><head>{head}</head><body><h1>Исходящий вебхук</h1>{told}{back}</body></html>"


def _form(action: str, fields: str, label: str) -> str:
    return f'<form method=post action="/_sandbox/{action}">{fields} <button>{label}</button></form>'


def _table(head: list[str], rows: list[list[Any]]) -> str:
    lines = ["".join(f"<td>{escape(str(cell))}</td>" for cell in row) for row in rows]
    titles = "".join(f"<th>{title}</th>" for title in head)
    return f"<table><tr>{titles}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _fault_rows(faults: list[dict[str, Any]]) -> list[list[Any]]:
    return [
        [fault["name"], fault["probability"], fault["fired"], "∞" if fault["times"] is None else fault["times"]]
        for fault in faults
    ]


def _handler_rows(handlers: list[dict[str, Any]]) -> list[list[Any]]:
    return [[one["event"], one["url"], "да" if one["offline"] else ""] for one in handlers]


def _people_rows(users: list[dict[str, Any]]) -> list[list[Any]]:
    return [
        [user["id"], user["name"], "да" if user["active"] else "уволен", "да" if user["is_admin"] else ""]
        for user in users
    ]


def _log_rows(entries: list[Entry]) -> list[list[Any]]:
    return [
        [f"{entry.at:%H:%M:%S}", entry.method, len(entry.commands) or "", entry.status or "—", entry.sent, entry.fault]
        for entry in reversed(entries)
    ]
