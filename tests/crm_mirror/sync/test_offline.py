"""The portal's queue of offline events: stored before it is cleared, whoever dies in between."""

from __future__ import annotations

import pytest

from crm_mirror.models import Company, InboxEvent
from crm_mirror.portal.errors import PortalError
from crm_mirror.portal.limits import Allowance, InMemory, Rate
from crm_mirror.portal.client import Client
from crm_mirror.portal.transport import Webhook
from crm_mirror.sandbox.access import App
from crm_mirror.sandbox.server import running
from crm_mirror.sync.offline import fetch_offline
from crm_mirror.sync.work import Work, at_work
from tests.portal import PortalDriver

CLIENT_ID, ADMIN = "local.test.1", 1
pytestmark = pytest.mark.django_db
