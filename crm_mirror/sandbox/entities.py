"""Life of an entity: created, changed, put into the recycle bin, brought back, merged.

What the portal does by itself happens here: defaults, DATE_MODIFY and MODIFY_BY_ID at every update (also one that
changes nothing), stage semantics, flags, primary links. IDs are never given twice.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from crm_mirror.sandbox import links, multifields
from crm_mirror.sandbox.kinds import Kind
from crm_mirror.sandbox.store import Store
from crm_mirror.sandbox.values import is_nothing, stored

DEFAULTS: dict[str, dict[str, Any]] = {
    "company": {"IS_MY_COMPANY": "N", "OPENED": "N", "CURRENCY_ID": "RUB"},
    "contact": {"EXPORT": "Y", "OPENED": "Y"},
    "lead": {
        "STATUS_ID": "NEW",
        "OPENED": "Y",
        "CURRENCY_ID": "RUB",
        "IS_MANUAL_OPPORTUNITY": "N",
        "IS_RETURN_CUSTOMER": "N",
    },
    "deal": {
        "STAGE_ID": "NEW",
        "CATEGORY_ID": 0,
        "TYPE_ID": "SALE",
        "OPENED": "Y",
        "CLOSED": "N",
        "IS_NEW": "Y",
        "CURRENCY_ID": "RUB",
        "IS_MANUAL_OPPORTUNITY": "N",
        "IS_RECURRING": "N",
        "IS_RETURN_CUSTOMER": "N",
        "IS_REPEATED_APPROACH": "N",
    },
}
UNTITLED = {"company": "Компания #{}", "lead": "Лид #{}", "deal": "Сделка #{}"}
OWN_FIELDS = {"DATE_CREATE", "DATE_MODIFY", "CREATED_BY_ID", "MODIFY_BY_ID", "ID", "MOVED_BY_ID", "MOVED_TIME"}


def exists(store: Store, kind: Kind, entity_id: int) -> bool:
    return bool(store.rows(f"SELECT 1 FROM {kind.name} WHERE ID = ?", (entity_id,)))


def value_of(store: Store, kind: Kind, entity_id: int, name: str) -> Any:
    rows = store.rows(f"SELECT {name} FROM {kind.name} WHERE ID = ?", (entity_id,))
    return rows[0][0] if rows else None


def create(store: Store, kind: Kind, sent: dict[str, Any], *, by: int, at: datetime) -> int:
    """Add an entity from classic field names; returns its ID."""
    moment = int(at.timestamp())
    row = {**DEFAULTS[kind.name], **_custom_defaults(store, kind), **_writable(store, kind, sent, at)}
    row |= {"DATE_CREATE": moment, "DATE_MODIFY": moment, "CREATED_BY_ID": by, "MODIFY_BY_ID": by}
    row |= {"LAST_ACTIVITY_BY": by, "LAST_ACTIVITY_TIME": moment}
    row["ASSIGNED_BY_ID"] = row.get("ASSIGNED_BY_ID") or by
    if kind.stage_field:
        row |= {"MOVED_BY_ID": by, "MOVED_TIME": moment} | _stage(store, kind, row[kind.stage_field], moment)
    with store.writing():
        entity_id = insert(store, kind, row)
        if kind.name in UNTITLED and is_nothing(row.get("TITLE")):
            store.execute(
                f"UPDATE {kind.name} SET TITLE = ? WHERE ID = ?", (UNTITLED[kind.name].format(entity_id), entity_id)
            )
        _write_multifields(store, kind, entity_id, sent)
        multifields.refresh_flags(store, kind, entity_id)
        _write_links(store, kind, entity_id, sent)
    return entity_id


def insert(store: Store, kind: Kind, row: dict[str, Any]) -> int:
    """Put a stored row as it is; a given ID is kept."""
    marks = ", ".join("?" * len(row))
    cursor = store.execute(f"INSERT INTO {kind.name} ({', '.join(row)}) VALUES ({marks})", list(row.values()))
    return int(cursor.lastrowid or 0)


def change(store: Store, kind: Kind, entity_id: int, sent: dict[str, Any], *, by: int, at: datetime) -> None:
    """Update an existing entity; DATE_MODIFY and MODIFY_BY_ID move even when nothing else does."""
    moment = int(at.timestamp())
    row = _writable(store, kind, sent, at) | {"DATE_MODIFY": moment, "MODIFY_BY_ID": by}
    stage = row.get(kind.stage_field) if kind.stage_field else None
    if stage and stage != value_of(store, kind, entity_id, kind.stage_field or ""):
        row |= {"MOVED_BY_ID": by, "MOVED_TIME": moment} | _stage(store, kind, stage, moment)
    with store.writing():
        assignments = ", ".join(f"{name} = ?" for name in row)
        store.execute(f"UPDATE {kind.name} SET {assignments} WHERE ID = ?", (*row.values(), entity_id))
        _write_multifields(store, kind, entity_id, sent)
        _write_links(store, kind, entity_id, sent)


def remove(store: Store, kind: Kind, entity_id: int) -> None:
    """Move an entity into the recycle bin, with its phones and links; its own ID is never given again."""
    with store.writing():
        content = {
            "row": _row(store, kind, entity_id),
            "multifields": store.rows(
                "SELECT * FROM multifield WHERE KIND = ? AND ELEMENT_ID = ?", (kind.type_id, entity_id)
            ),
            "links": _links_touching(store, kind, entity_id),
        }
        store.execute(
            "INSERT OR REPLACE INTO recycle_bin VALUES (?, ?, ?)", (kind.type_id, entity_id, json.dumps(content))
        )
        _unlink(store, kind, entity_id)
        store.execute("DELETE FROM multifield WHERE KIND = ? AND ELEMENT_ID = ?", (kind.type_id, entity_id))
        store.execute(f"DELETE FROM {kind.name} WHERE ID = ?", (entity_id,))


def restore(store: Store, kind: Kind, entity_id: int, *, at: datetime | None) -> None:
    """Bring an entity back from the recycle bin under its old ID; links whose other end is gone stay lost.

    `at`: its new DATE_MODIFY; None leaves the old one.
    """
    key = (kind.type_id, entity_id)
    ((text,),) = store.rows("SELECT CONTENT FROM recycle_bin WHERE KIND = ? AND ID = ?", key)
    content = json.loads(text)
    with store.writing():
        columns = store.fields(kind)
        kept = {name: value for name, value in content["row"].items() if name in columns}
        insert(store, kind, kept | ({"DATE_MODIFY": int(at.timestamp())} if at else {}))
        store.executemany("INSERT INTO multifield VALUES (?, ?, ?, ?, ?, ?, ?)", content["multifields"])
        for owner_name, owner_id, target_id, sort, is_primary in content["links"]:
            relation = links.link_kinds()[owner_name]
            if exists(store, relation.owner, owner_id) and exists(store, relation.target, target_id):
                links.add_link(store, relation, owner_id, target_id, sort=sort, is_primary=is_primary)
        store.execute("DELETE FROM recycle_bin WHERE KIND = ? AND ID = ?", key)


def merge(store: Store, kind: Kind, survivor_id: int, other_ids: list[int], *, by: int, at: datetime) -> None:
    """Join duplicates: the survivor gets what it lacks, all phones and links; the others go."""
    for other_id in other_ids:
        with store.writing():
            _take_values(store, kind, survivor_id, other_id)
            _take_multifields(store, kind, survivor_id, other_id)
            _take_links(store, kind, survivor_id, other_id)
            remove(store, kind, other_id)
    change(store, kind, survivor_id, {}, by=by, at=at)
    multifields.refresh_flags(store, kind, survivor_id)


def _row(store: Store, kind: Kind, entity_id: int) -> dict[str, Any]:
    names = list(store.fields(kind))
    (values,) = store.rows(f"SELECT {', '.join(names)} FROM {kind.name} WHERE ID = ?", (entity_id,))
    return dict(zip(names, values, strict=True))


def _writable(store: Store, kind: Kind, sent: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Known scalar fields of what was sent, as stored; the portal ignores unknown and read-only ones."""
    fields = store.fields(kind)
    zone = at.tzinfo
    assert zone is not None  # noqa: S101 - Call.now is aware
    known = {name.upper(): value for name, value in sent.items() if name.upper() in fields}
    return {
        name: stored(fields[name], value, zone)
        for name, value in known.items()
        if name not in OWN_FIELDS and (not fields[name].read_only or name == "LEAD_ID" or name == "CATEGORY_ID")
    }


def _custom_defaults(store: Store, kind: Kind) -> dict[str, Any]:
    """List fields with a default item start with it (docs: companies/userfields, LIST[].DEF)."""
    if kind.name != "company":
        return {}
    chosen = {}
    for described in store.user_fields.values():
        default = next((item["ID"] for item in described.get("LIST", ()) if item["DEF"] == "Y"), None)
        if default and described["MULTIPLE"] == "N":
            chosen[described["FIELD_NAME"]] = int(default)
    return chosen


def _stage(store: Store, kind: Kind, stage: str, moment: int) -> dict[str, Any]:
    """Semantics P, S or F of a stage, and what being finished entails."""
    reference = "STATUS" if kind.name == "lead" else "DEAL_STAGE"
    known = {row["STATUS_ID"]: row["SEMANTICS"] for row in store.statuses if row["ENTITY_ID"] == reference}
    semantics = known.get(stage) or "P"
    if kind.name == "lead":
        return {"STATUS_SEMANTIC_ID": semantics, "DATE_CLOSED": None if semantics == "P" else moment}
    return {
        "STAGE_SEMANTIC_ID": semantics,
        "CLOSED": "N" if semantics == "P" else "Y",
        "IS_NEW": "Y" if stage == "NEW" else "N",
    }


def _write_multifields(store: Store, kind: Kind, entity_id: int, sent: dict[str, Any]) -> None:
    for name, value in sent.items():
        if name.upper() in kind.multifields and not is_nothing(value):
            values = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]
            multifields.write(store, kind, entity_id, name.upper(), values)


def _write_links(store: Store, kind: Kind, entity_id: int, sent: dict[str, Any]) -> None:
    """COMPANY_IDS/CONTACT_IDS replace all links; the single field does too, for old callers' sake."""
    relation = links.link_kinds().get(kind.name)
    if relation is None:
        return
    for name in (f"{relation.field}S", relation.field):
        if name in sent:
            links.set_links(store, relation, entity_id, links.links_sent(sent[name] or []))
            return


def _links_touching(store: Store, kind: Kind, entity_id: int) -> list[tuple[str, int, int, int, bool]]:
    touching: list[tuple[str, int, int, int, bool]] = []
    for name, relation in links.link_kinds().items():
        if relation.owner is kind:
            own = links.links_of(store, relation, entity_id)
            touching += [(name, entity_id, link.target_id, link.sort, link.is_primary) for link in own]
        if relation.target is kind:
            others = links.owners_of(store, relation, entity_id)
            touching += [(name, owner_id, entity_id, link.sort, link.is_primary) for owner_id, link in others]
    return touching


def _unlink(store: Store, kind: Kind, entity_id: int) -> None:
    for name, owner_id, target_id, *_ in _links_touching(store, kind, entity_id):
        links.remove_link(store, links.link_kinds()[name], owner_id, target_id)


def _take_values(store: Store, kind: Kind, survivor_id: int, other_id: int) -> None:
    ours, theirs = _row(store, kind, survivor_id), _row(store, kind, other_id)
    missing = {name: value for name, value in theirs.items() if is_nothing(ours[name]) and not is_nothing(value)}
    for name, value in missing.items():
        store.execute(f"UPDATE {kind.name} SET {name} = ? WHERE ID = ?", (value, survivor_id))


def _take_multifields(store: Store, kind: Kind, survivor_id: int, other_id: int) -> None:
    store.execute(
        "UPDATE multifield SET ELEMENT_ID = ? WHERE KIND = ? AND ELEMENT_ID = ? AND NOT EXISTS (SELECT 1 FROM "
        "multifield AS ours WHERE ours.KIND = multifield.KIND AND ours.ELEMENT_ID = ? AND ours.CODE = multifield.CODE)",
        (survivor_id, kind.type_id, other_id, survivor_id),
    )


def _take_links(store: Store, kind: Kind, survivor_id: int, other_id: int) -> None:
    for name, owner_id, target_id, *_ in _links_touching(store, kind, other_id):
        relation = links.link_kinds()[name]
        owner, target = (survivor_id, target_id) if relation.owner is kind else (owner_id, survivor_id)
        already = any(link.target_id == target for link in links.links_of(store, relation, owner))
        if not already:
            links.add_link(store, relation, owner, target)
    # deals and leads point at companies by a plain field, not by a link
    if kind.name == "company":
        for table in ("lead", "deal"):
            store.execute(f"UPDATE {table} SET COMPANY_ID = ? WHERE COMPANY_ID = ?", (survivor_id, other_id))
