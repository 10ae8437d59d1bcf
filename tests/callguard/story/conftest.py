"""The story told once for a module, beside a mirror of its portal; nothing of it is committed.

`committed`: transactional tests before it may have emptied what the migrations seed.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import transaction

from callguard.story.days import colours_day
from callguard.story.told import tell
from crm_mirror.models import SyncCursor
from crm_mirror.sandbox.server import running
from crm_mirror.sandbox.store import Store
from crm_mirror.sync.run import sync

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=ZoneInfo("Europe/Moscow"))  # a Tuesday


@pytest.fixture(scope="module")
def told(committed, django_db_blocker):
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        store = Store.open("story", now=NOW)
        with running(store=store, limits_on=False) as server, transaction.atomic():
            patch.setattr(settings, "BITRIX_WEBHOOK_URL", server.webhook)
            patch.setattr(settings, "PORTAL_ORIGIN", server.url)
            patch.setattr(settings, "BITRIX_RATE_PER_SECOND", 0.0)
            patch.setattr(settings, "COLOURS_SINCE", colours_day(NOW.date()))
            patch.setattr(settings, "SUPERVISOR_SCOPE", "chain")
            sync(full=True)
            SyncCursor.objects.update(true_at=NOW)
            yield tell(at=NOW)
            transaction.set_rollback(True)
        store.close()
