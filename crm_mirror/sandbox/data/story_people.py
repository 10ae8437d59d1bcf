"""The sales department of the story: with the hand-made portal's five sellers it is forty people in six rooms."""

from __future__ import annotations

from crm_mirror.sandbox.data.demo_people import DMITRY, IVAN, MARINA, OLGA, REGIONS, SALES, SVETLANA
from crm_mirror.sandbox.data.people import add_department, add_user
from crm_mirror.sandbox.store import Store

KEY_CLIENTS, MOSCOW, PROJECTS, EXPERT_SALES = 21, 23, 25, 27
FIRST_ID = 101  # and every second one from there
SELLER = "Менеджер по продажам"
HEAD = "Руководитель группы"

# Room, name, position. Heads of the new rooms are the first named of each.
STAFF: tuple[tuple[int, str, str], ...] = (
    (SALES, "Вера Голубева", SELLER),
    (SALES, "Степан Ершов", SELLER),
    (SALES, "Лариса Титова", SELLER),
    (SALES, "Максим Дроздов", SELLER),
    (KEY_CLIENTS, "Виктор Панов", HEAD),
    (KEY_CLIENTS, "Галина Авдеева", "Старший менеджер"),
    (KEY_CLIENTS, "Кирилл Усов", SELLER),
    (KEY_CLIENTS, "Ирина Цветкова", SELLER),
    (KEY_CLIENTS, "Денис Баранов", SELLER),
    (KEY_CLIENTS, "Юлия Романова", SELLER),
    (KEY_CLIENTS, "Антон Шубин", SELLER),
    (MOSCOW, "Дарья Исаева", HEAD),
    (MOSCOW, "Роман Щукин", SELLER),
    (MOSCOW, "Полина Васильева", SELLER),
    (MOSCOW, "Егор Данилов", SELLER),
    (MOSCOW, "Оксана Яковлева", SELLER),
    (MOSCOW, "Никита Сорокин", SELLER),
    (MOSCOW, "Татьяна Чернова", SELLER),
    (MOSCOW, "Илья Никитин", SELLER),
    (PROJECTS, "Сергей Казаков", HEAD),
    (PROJECTS, "Алина Журавлёва", SELLER),
    (PROJECTS, "Вадим Хохлов", SELLER),
    (PROJECTS, "Ксения Панова", SELLER),
    (PROJECTS, "Артём Юдин", SELLER),
    (PROJECTS, "Мария Егорова", SELLER),
    (PROJECTS, "Олег Васильев", SELLER),
    (EXPERT_SALES, "Жанна Романова", HEAD),
    (EXPERT_SALES, "Андрей Голубев", SELLER),
    (EXPERT_SALES, "Екатерина Усова", SELLER),
    (EXPERT_SALES, "Юрий Цветков", SELLER),
    (EXPERT_SALES, "Анна Сорокина", SELLER),
    (EXPERT_SALES, "Алексей Чернов", SELLER),
    (REGIONS, "Марат Сафин", "Менеджер по регионам"),
    (REGIONS, "Людмила Титова", "Менеджер по регионам"),
    (REGIONS, "Фёдор Исаев", "Менеджер по регионам"),
)
ROOMS = (
    (KEY_CLIENTS, "Ключевые клиенты"),
    (MOSCOW, "Продажи: Москва"),
    (PROJECTS, "Продажи проектов"),
    (EXPERT_SALES, "Продажи экспертизы"),
)
IDS = {name: FIRST_ID + 2 * place for place, (_room, name, _position) in enumerate(STAFF)}
VERA, ROMAN, STEPAN = IDS["Вера Голубева"], IDS["Роман Щукин"], IDS["Степан Ершов"]
EVERYBODY = (MARINA, OLGA, IVAN, SVETLANA, DMITRY, *IDS.values())


def hire(store: Store) -> None:
    """After the hand-made portal's people: the rooms of the story with their heads, and who works there."""
    for room, name in ROOMS:
        head = next(one for home, one, _position in STAFF if home == room)
        add_department(store, room, name, parent=SALES, head=IDS[head])
    for place, (room, name, position) in enumerate(STAFF):
        add_user(store, IDS[name], name, departments=[room], position=position, inner=str(110 + place))
