"""Custom fields of companies: what they are and what creating one does to the store.

Docs: api-reference/crm/companies/userfields/. An `enumeration` stores the numeric ID of a list item, a `crm_status`
the STATUS_ID of its reference.
"""

from __future__ import annotations

import hashlib
from typing import Any

from crm_mirror.sandbox.kinds import Field, camel, kinds
from crm_mirror.sandbox.store import Store
from crm_mirror.sandbox.values import to_int

LANGUAGES = (
    "ar", "br", "de", "en", "fr", "hi", "id", "in", "it", "ja", "kz", "la", "ms", "pl", "ru", "sc", "tc", "th", "tr",
    "ua", "vn",
)  # fmt: skip
LABELS = ("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL", "ERROR_MESSAGE", "HELP_MESSAGE")
SETTINGS: dict[str, dict[str, Any]] = {
    "string": {"SIZE": 20, "ROWS": 1, "REGEXP": "", "MIN_LENGTH": 0, "MAX_LENGTH": 0, "DEFAULT_VALUE": ""},
    "enumeration": {"DISPLAY": "LIST", "LIST_HEIGHT": 1, "CAPTION_NO_VALUE": "", "SHOW_NO_VALUE": "Y"},
    "crm_status": {"ENTITY_TYPE": ""},
    "integer": {"SIZE": 20, "MIN_VALUE": 0, "MAX_VALUE": 0, "DEFAULT_VALUE": None},
    "double": {"PRECISION": 4, "SIZE": 20, "MIN_VALUE": 0, "MAX_VALUE": 0, "DEFAULT_VALUE": None},
    "boolean": {"DEFAULT_VALUE": 0, "DISPLAY": "CHECKBOX", "LABEL": ["", ""], "LABEL_CHECKBOX": ""},
    "date": {"DEFAULT_VALUE": {"TYPE": "NONE", "VALUE": ""}},
    "datetime": {"DEFAULT_VALUE": {"TYPE": "NONE", "VALUE": ""}, "USE_SECOND": "Y"},
    "employee": {},
    "crm": {"LEAD": "N", "CONTACT": "N", "COMPANY": "Y", "DEAL": "N"},
    "url": {"POPUP": "Y", "SIZE": 20, "MIN_LENGTH": 0, "MAX_LENGTH": 0, "DEFAULT_VALUE": ""},
    "money": {"DEFAULT_VALUE": ""},
    "address": {"SHOW_MAP": "Y"},
    "file": {
        "SIZE": 20,
        "LIST_WIDTH": 0,
        "LIST_HEIGHT": 0,
        "MAX_SHOW_SIZE": 0,
        "MAX_ALLOWED_SIZE": 0,
        "EXTENSIONS": [],
    },
}
FLAGS = {"MULTIPLE": "N", "MANDATORY": "N", "SHOW_FILTER": "N", "SHOW_IN_LIST": "Y", "EDIT_IN_LIST": "Y"}


def labels(sent: Any) -> dict[str, str]:
    """A label in every language of the portal: one text for all, or those that were sent."""
    given = sent if isinstance(sent, dict) else dict.fromkeys(LANGUAGES, str(sent or ""))
    return {language: str(given.get(language, "")) for language in LANGUAGES}


def described(store: Store, sent: dict[str, Any]) -> dict[str, Any]:
    """A new custom field as crm.company.userfield.get shows it."""
    user_type = str(sent["USER_TYPE_ID"])
    one: dict[str, Any] = {"ID": str(store.next_number()), "ENTITY_ID": "CRM_COMPANY", "FIELD_NAME": sent["FIELD_NAME"]}
    one |= {"USER_TYPE_ID": user_type, "XML_ID": sent.get("XML_ID"), "SORT": str(sent.get("SORT") or 100)}
    one |= {flag: str(sent.get(flag) or default) for flag, default in FLAGS.items()} | {"IS_SEARCHABLE": "N"}
    one["SETTINGS"] = SETTINGS[user_type] | known_settings(user_type, sent.get("SETTINGS"))
    one |= {label: labels(sent.get(label) or sent.get("LABEL")) for label in LABELS}
    if user_type == "enumeration":
        one["LIST"] = [new_item(store, item, place) for place, item in enumerate(items_sent(sent.get("LIST")))]
    return one


def known_settings(user_type: str, sent: Any) -> dict[str, Any]:
    given = sent if isinstance(sent, dict) else {}
    return {key: value for key, value in given.items() if key in SETTINGS[user_type]}


def items_sent(sent: Any) -> list[dict[str, Any]]:
    listed = list(sent.values()) if isinstance(sent, dict) else sent or []
    return [item for item in listed if isinstance(item, dict)]


def new_item(store: Store, sent: dict[str, Any], place: int) -> dict[str, str]:
    value = str(sent.get("VALUE", ""))
    item_id = str(store.next_number())
    xml_id = str(sent.get("XML_ID") or hashlib.md5(item_id.encode(), usedforsecurity=False).hexdigest())
    sort, default = str(sent.get("SORT") or (place + 1) * 10), "Y" if sent.get("DEF") == "Y" else "N"
    return {"ID": item_id, "SORT": sort, "VALUE": value, "DEF": default, "XML_ID": xml_id}


def create(store: Store, sent: dict[str, Any]) -> dict[str, Any]:
    """Add a field and its column; `sent` has a full FIELD_NAME and a known USER_TYPE_ID."""
    one = described(store, sent)
    multiple = one["MULTIPLE"] == "Y"
    name, user_type = one["FIELD_NAME"], one["USER_TYPE_ID"]
    store.add_column(kinds()["company"], Field(name, user_type, camel(name), multiple=multiple, empty=""))
    store.user_fields[int(one["ID"])] = one
    return one


def alter(store: Store, one: dict[str, Any], sent: dict[str, Any]) -> bool:
    """Change a field in place; returns whether its list changed."""
    for key in ("SORT", "XML_ID", *FLAGS):
        if key in sent and key != "MULTIPLE":
            one[key] = str(sent[key])
    for label in LABELS:
        if label in sent:
            one[label] = labels(sent[label])
    one["SETTINGS"] |= known_settings(one["USER_TYPE_ID"], sent.get("SETTINGS"))
    if "LIST" in sent and "LIST" in one:
        for item in items_sent(sent["LIST"]):
            alter_item(store, one, item)
        one["LIST"].sort(key=lambda item: (int(item["SORT"]), int(item["ID"])))
        return True
    return False


def alter_item(store: Store, one: dict[str, Any], sent: dict[str, Any]) -> None:
    """With an ID it changes (or goes, with DEL=Y); without one it is new. Values of companies are not touched."""
    known = next((item for item in one["LIST"] if item["ID"] == str(sent.get("ID", ""))), None)
    if known is None:
        one["LIST"].append(new_item(store, sent, len(one["LIST"])))
    elif sent.get("DEL") == "Y":
        one["LIST"].remove(known)
    else:
        known |= {key: str(sent[key]) for key in ("SORT", "VALUE", "DEF", "XML_ID") if key in sent}


def drop(store: Store, field_id: int) -> None:
    one = store.user_fields.pop(field_id)
    store.drop_column(kinds()["company"], one["FIELD_NAME"])


def find(store: Store, field_name: str) -> dict[str, Any] | None:
    return next((one for one in store.user_fields.values() if one["FIELD_NAME"] == field_name), None)


def item_id(one: dict[str, Any], value: str) -> int:
    """ID of the list item with this text."""
    return to_int(next(item["ID"] for item in one["LIST"] if item["VALUE"] == value))
