"""Accounts and periodic tasks in the admin."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from callguard.models import Account
from tests.cast import IVAN, OLGA

pytestmark = pytest.mark.usefixtures("mirror")


def test_an_account_is_made_and_linked_to_an_employee(pages):
    made = {"username": "olga", "usable_password": "true", "password1": "lamp-Nine-42", "password2": "lamp-Nine-42"}
    assert pages.post(reverse("admin:callguard_account_add"), made).status_code == 302
    account = Account.objects.get(username="olga")
    change = {"username": "olga", "employee": OLGA.id, "is_active": "on", "is_staff": "on"}
    assert pages.post(reverse("admin:callguard_account_change", args=[account.pk]), change).status_code == 302
    account.refresh_from_db()
    assert (account.employee.name, account.is_superuser) == ("Ольга Петрова", False)


def test_a_password_can_be_set_for_somebody(pages):
    account = Account.objects.create(username="olga")
    new = {"usable_password": "true", "password1": "lamp-Nine-42", "password2": "lamp-Nine-42"}
    url = reverse("admin:auth_user_password_change", args=[account.pk])
    assert pages.get(url).status_code == 200
    assert pages.post(url, new).status_code == 302
    account.refresh_from_db()
    assert account.check_password("lamp-Nine-42")


def test_nobody_removes_himself(pages, superuser):
    assert (
        pages.post(reverse("admin:callguard_account_delete", args=[superuser.pk]), {"post": "yes"}).status_code == 403
    )


def test_a_periodic_task_can_be_switched_off_but_not_made_another(pages):
    task = PeriodicTask.objects.get(name="sync of tests")
    sent = {"name": "x", "task": "os.system", "interval": task.interval_id, "crontab": ""}
    change = reverse("admin:django_celery_beat_periodictask_change", args=[task.pk])
    assert pages.post(change, sent).status_code == 302
    task.refresh_from_db()
    assert (task.name, task.task, task.enabled) == ("sync of tests", "crm_mirror.tasks.sync", False)


def test_who_one_is_oneself_in_the_portal_another_one_changes(pages, superuser):
    change = reverse("admin:callguard_account_change", args=[superuser.pk])
    form = {"username": "root", "employee": OLGA.id, "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    for employee in (OLGA.id, ""):
        assert pages.post(change, form | {"employee": employee}).status_code == 302
        superuser.refresh_from_db()
        assert superuser.employee_id == IVAN.id


def test_an_account_of_nobody_may_say_who_it_is(pages, superuser):
    Account.objects.update(employee=None)
    form = {"username": "root", "employee": OLGA.id, "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    pages.post(reverse("admin:callguard_account_change", args=[superuser.pk]), form)
    superuser.refresh_from_db()
    assert superuser.employee_id == OLGA.id
