"""When periodic tasks run. The tasks themselves come from the program: they can be switched off and re-timed here."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from crm_mirror.admin.base import AdminPages

for model in (ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule):
    admin.site.unregister(model)


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(AdminPages):
    list_display = ("name", "task", "enabled", "interval", "crontab", "last_run_at")
    list_select_related = ["interval", "crontab"]
    fields = ("name", "task", "enabled", "interval", "crontab", "last_run_at", "total_run_count")
    readonly_fields = ("name", "task", "last_run_at", "total_run_count")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ScheduleAdmin(AdminPages):
    """Made and changed from the task's page; not listed among the pages."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def get_model_perms(self, request: HttpRequest) -> dict[str, Any]:
        return {}


admin.site.register([IntervalSchedule, CrontabSchedule], ScheduleAdmin)
