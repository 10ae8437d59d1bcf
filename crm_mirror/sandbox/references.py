"""The CRM's references (crm.status): which types exist, and the values a fresh portal has in them.

REST can add values but no type; on a boxed portal a package registers its own type in PHP (docs: crm/status).
"""

from __future__ import annotations

from typing import Any

from crm_mirror.sandbox.store import Store

LEAD_STAGES = {
    "START_FIELD": "NEW",
    "FINAL_SUCCESS_FIELD": "CONVERTED",
    "FINAL_UNSUCCESS_FIELD": "JUNK",
    "FINAL_SORT": 0,
}
DEAL_STAGES = {"START_FIELD": "NEW", "FINAL_SUCCESS_FIELD": "WON", "FINAL_UNSUCCESS_FIELD": "LOSE", "FINAL_SORT": 0}
QUOTE_STAGES = {
    "START_FIELD": "DRAFT",
    "FINAL_SUCCESS_FIELD": "APPROVED",
    "FINAL_UNSUCCESS_FIELD": "DECLAINED",
    "FINAL_SORT": 0,
}

TYPES: list[dict[str, Any]] = [
    {"ID": "STATUS", "NAME": "Стадии лида", "SEMANTIC_INFO": LEAD_STAGES, "ENTITY_TYPE_ID": 1},
    {"ID": "SOURCE", "NAME": "Источники"},
    {"ID": "CONTACT_TYPE", "NAME": "Тип контакта"},
    {"ID": "COMPANY_TYPE", "NAME": "Тип компании"},
    {"ID": "EMPLOYEES", "NAME": "Кол-во сотрудников"},
    {"ID": "INDUSTRY", "NAME": "Сфера деятельности"},
    {"ID": "DEAL_TYPE", "NAME": "Тип сделки"},
    {
        "ID": "DEAL_STAGE",
        "NAME": "Стадии сделки",
        "SEMANTIC_INFO": DEAL_STAGES,
        "FIELD_ATTRIBUTE_SCOPE": "",
        "ENTITY_TYPE_ID": 2,
        "CATEGORY_ID": 0,
    },
    {"ID": "QUOTE_STATUS", "NAME": "Стадии предложения", "SEMANTIC_INFO": QUOTE_STAGES, "ENTITY_TYPE_ID": 7},
    {"ID": "HONORIFIC", "NAME": "Обращения"},
    {"ID": "CALL_LIST", "NAME": "Статусы обзвона"},
]

# ENTITY_ID, STATUS_ID, NAME, semantics, colour; SYSTEM = Y where marked with a star.
VALUES = """
STATUS|NEW|Не обработан||#39A8EF|*
STATUS|IN_PROCESS|В обработке||#2FC6F6|
STATUS|PROCESSED|Обработан||#55D0E0|
STATUS|JUNK|Некачественный лид|F|#FF5752|*
STATUS|CONVERTED|Качественный лид|S|#7BD500|*
DEAL_STAGE|NEW|Новая||#39A8EF|*
DEAL_STAGE|PREPARATION|Подготовка документов||#2FC6F6|
DEAL_STAGE|PREPAYMENT_INVOICE|Счёт на предоплату||#55D0E0|
DEAL_STAGE|EXECUTING|В работе||#47E4C2|
DEAL_STAGE|FINAL_INVOICE|Финальный счёт||#FFA900|
DEAL_STAGE|WON|Сделка успешна|S|#7BD500|*
DEAL_STAGE|LOSE|Сделка провалена|F|#FF5752|*
DEAL_STAGE|APOLOGY|Анализ причины провала|F|#FF5752|
SOURCE|CALL|Звонок|||*
SOURCE|EMAIL|Электронная почта|||*
SOURCE|WEB|Веб-сайт|||*
SOURCE|ADVERTISING|Реклама|||
SOURCE|PARTNER|Существующий клиент|||
SOURCE|RECOMMENDATION|По рекомендации|||
SOURCE|TRADE_SHOW|Выставка|||
SOURCE|CALLBACK|Обратный звонок|||*
SOURCE|OTHER|Другое|||
CONTACT_TYPE|CLIENT|Клиенты|||
CONTACT_TYPE|SUPPLIER|Поставщики|||
CONTACT_TYPE|PARTNER|Партнёры|||
CONTACT_TYPE|OTHER|Другое|||
COMPANY_TYPE|CUSTOMER|Клиент|||
COMPANY_TYPE|SUPPLIER|Поставщик|||
COMPANY_TYPE|COMPETITOR|Конкурент|||
COMPANY_TYPE|PARTNER|Партнёр|||
COMPANY_TYPE|OTHER|Другое|||
EMPLOYEES|EMPLOYEES_1|менее 50|||
EMPLOYEES|EMPLOYEES_2|50-250|||
EMPLOYEES|EMPLOYEES_3|250-500|||
EMPLOYEES|EMPLOYEES_4|более 500|||
INDUSTRY|IT|Информационные технологии|||
INDUSTRY|TELECOM|Телекоммуникации и связь|||
INDUSTRY|MANUFACTURING|Производство|||
INDUSTRY|BANKING|Банковские услуги|||
INDUSTRY|CONSULTING|Консалтинг|||
INDUSTRY|FINANCE|Финансы|||
INDUSTRY|DELIVERY|Доставка|||
INDUSTRY|OTHER|Другое|||
DEAL_TYPE|SALE|Продажа|||
DEAL_TYPE|COMPLEX|Комплексная продажа|||
DEAL_TYPE|SERVICES|Услуги|||
DEAL_TYPE|SERVICE|Сервисное обслуживание|||
QUOTE_STATUS|DRAFT|Новое||#39A8EF|*
QUOTE_STATUS|SENT|Отправлено клиенту||#2FC6F6|
QUOTE_STATUS|APPROVED|Принято|S|#7BD500|*
QUOTE_STATUS|DECLAINED|Отклонено|F|#FF5752|*
HONORIFIC|HNR_RU_1|г-н|||
HONORIFIC|HNR_RU_2|г-жа|||
CALL_LIST|IN_WORK|В работе|||*
CALL_LIST|SUCCESS|Успех|||*
CALL_LIST|WRONG_NUMBER|Неверный номер|||
"""


def types(store: Store) -> list[dict[str, Any]]:
    """Reference types as crm.status.entity.types shows them, own ones last."""
    return [*TYPES, *({"ID": code, "NAME": name} for code, name in store.reference_types.items())]


def is_type(store: Store, entity_id: str) -> bool:
    return any(one["ID"] == entity_id for one in types(store))


def semantics_extra(entity_id: str, row: dict[str, Any]) -> dict[str, str] | None:
    """EXTRA of a stage: colour and the meaning spelled out; other references have none."""
    if entity_id not in ("STATUS", "DEAL_STAGE", "QUOTE_STATUS"):
        return None
    if row["SEMANTICS"] == "F":
        first = row["STATUS_ID"] in ("JUNK", "LOSE", "DECLAINED")
        return {"SEMANTICS": "failure" if first else "apology", "COLOR": row["COLOR"] or ""}
    return {"SEMANTICS": "success" if row["SEMANTICS"] == "S" else "process", "COLOR": row["COLOR"] or ""}


def add_value(
    store: Store,
    entity_id: str,
    status_id: str,
    name: str,
    *,
    sort: int | None = None,
    system: bool = False,
    semantics: str | None = None,
    color: str | None = None,
) -> dict[str, Any]:
    """Append a value to a reference; returns its row, complete."""
    last = max((int(row["SORT"]) for row in store.statuses if row["ENTITY_ID"] == entity_id), default=0)
    row: dict[str, Any] = {"ID": str(store.next_number()), "ENTITY_ID": entity_id, "STATUS_ID": status_id, "NAME": name}
    row |= {"NAME_INIT": name if system else "", "SORT": str(sort or last + 10), "SYSTEM": "Y" if system else "N"}
    row |= {"CATEGORY_ID": None, "COLOR": color, "SEMANTICS": semantics}
    store.statuses.append(row)
    return row


def seed(store: Store) -> None:
    """The references of a fresh portal."""
    for line in VALUES.split("\n"):
        if line:
            entity_id, status_id, name, semantics, color, star = line.split("|")
            add_value(
                store, entity_id, status_id, name, system=star == "*", semantics=semantics or None, color=color or None
            )
