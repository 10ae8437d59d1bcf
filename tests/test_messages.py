"""Everything people see is in Russian; the msgid is the English."""

import pytest

from tests.messages import APPS, faults


@pytest.mark.parametrize("app", APPS)
def test_every_message_has_its_russian_and_the_catalogue_is_compiled(app: str) -> None:
    assert faults(app) == []
