"""Whom the browser tests ring: a number for every colour and tier, all but two of them Olga's; Ivan is at the phone."""

from __future__ import annotations

from tests.cast import IVAN, OLGA, mirror_synced, mirrored_company, mirrored_contact, mirrored_lead, mirrored_people

RED = "8 (916) 123-45-67"
RED_BY_CONTACT = "+7 903 111-22-33"
YELLOW = "+7 495 200-10-20"
YELLOW_CONTACT = "+7 903 222-33-44"
BLUE = "+7 905 333-44-55"
OWN = "+7 812 300-10-10"
WAITING = "8 495 200-10-30"
UNKNOWN = "+7 999 000-00-00"


def mirrored() -> None:
    mirrored_people()
    romashka = mirrored_company("ООО «Ромашка»", phone=RED, responsible=OLGA, status="В работе")
    mirrored_contact("Пётр Иванов", phone=RED_BY_CONTACT, responsible=IVAN, companies=[romashka])
    mirrored_company("АО «Вектор»", phone=YELLOW, responsible=OLGA, status="В обработке")
    mirrored_contact("Вера Одинцова", phone=YELLOW_CONTACT, responsible=OLGA)
    mirrored_lead("Проект коттеджа", phone=BLUE, responsible=OLGA)
    mirrored_company("ООО «Северный ветер»", phone=OWN, responsible=IVAN, status="В работе")
    mirrored_company("ООО «Парус»", phone=WAITING, responsible=OLGA, status="В ожидании")
    mirror_synced()
