from __future__ import annotations

import pytest

from tests.cast import mirror_synced, mirrored_company, mirrored_people


@pytest.fixture
def mirror(db):
    """Everybody, and Olga's company «Ромашка» (ID 5), which paints Ivan's card red."""
    from tests.callguard.fairness.court import PHONE

    mirrored_people()
    mirror_synced()
    mirrored_company("Ромашка", phone=PHONE, status="В работе", id=5)
