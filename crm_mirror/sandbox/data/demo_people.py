"""The demo portal's people: who sells, who heads whom, who has left."""

from __future__ import annotations

from crm_mirror.sandbox.data.people import ROOT, add_department, add_user
from crm_mirror.sandbox.store import Store

ADMIN, DIRECTOR, MARINA, OLGA, IVAN, BORIS, ELENA = 1, 3, 5, 7, 9, 11, 13
PAVEL, SVETLANA, DMITRY, TIMUR, NIKOLAI, NATALIA = 15, 17, 19, 21, 23, 25
INTEGRATOR, BOT = 27, 29  # responsible for entities, yet user.get does not show them

SALES, DESIGN, REGIONS, EXPERTISE, OFFICE = 3, 5, 7, 9, 11


def hire(store: Store) -> None:
    """Departments: with a head, without one (regions, office), and with a head who has left (expertise)."""
    add_department(store, ROOT, "Группа компаний «Центр»", parent=None, head=DIRECTOR)
    add_department(store, SALES, "Отдел продаж", head=MARINA)
    add_department(store, REGIONS, "Продажи в регионах", parent=SALES)
    add_department(store, DESIGN, "Отдел проектирования", head=BORIS)
    add_department(store, EXPERTISE, "Отдел экспертизы", head=NIKOLAI)
    add_department(store, OFFICE, "Офис")

    add_user(store, ADMIN, "Анна Королёва", departments=[OFFICE], position="Администратор портала", admin=True)
    add_user(store, DIRECTOR, "Григорий Павлович Лебедев", departments=[ROOT], position="Генеральный директор")
    add_user(store, MARINA, "Марина Соколова", departments=[SALES], position="Руководитель отдела продаж", inner="100")
    add_user(store, OLGA, "Ольга Смирнова", departments=[SALES], position="Менеджер по продажам", inner="101")
    add_user(store, IVAN, "Иван Петров", departments=[SALES], position="Менеджер по продажам", inner="102")
    add_user(store, BORIS, "Борис Кузнецов", departments=[DESIGN], position="Руководитель проектов", inner="200")
    add_user(store, ELENA, "Елена Новикова", departments=[DESIGN], position="Инженер-проектировщик")
    add_user(store, PAVEL, "Павел Морозов", departments=[SALES], position="Менеджер по продажам", active=False)
    add_user(store, SVETLANA, "Светлана Волкова", departments=[REGIONS], position="Менеджер по регионам")
    add_user(store, DMITRY, "Дмитрий Зайцев", departments=[REGIONS, DESIGN], position="Технический консультант")
    add_user(store, TIMUR, "Тимур Ахметов", departments=[EXPERTISE], position="Эксперт")
    add_user(store, NIKOLAI, "Николай Фролов", departments=[EXPERTISE], position="Главный эксперт", active=False)
    add_user(store, NATALIA, "Наталья Орлова", departments=[], position="Внештатный бухгалтер")
    add_user(store, INTEGRATOR, "Интегратор Партнёров", departments=[], hidden=True)
    add_user(store, BOT, "Робот Заявкин", departments=[], hidden=True)
