"""A run of `manage.py provision_portal`: what it told, reported and wrote."""

from __future__ import annotations

import json
from io import StringIO

from django.core.management import CommandError, call_command
from django.utils import translation

FIELD = "UF_CRM_CALLGUARD_STATUS"
WRITES = (".add", ".update", ".bind", ".unbind", ".delete", ".set")
CARD = {"placement": "CALL_CARD", "path": "/bitrix/card/", "title": "Call Guard", "options": {"height": 200}}
TAB = {"placement": "CRM_COMPANY_DETAIL_TAB", "path": "/bitrix/company/", "title": "Call Guard"}


class Ran:
    def __init__(self, *arguments):
        out, err = StringIO(), StringIO()
        self.code, self.error = 0, ""
        with translation.override("en"):
            try:
                call_command("provision_portal", *arguments, stdout=out, stderr=err)
            except CommandError as error:
                self.code, self.error = error.returncode, str(error)
        self.told = err.getvalue()
        self.report = json.loads(out.getvalue().splitlines()[-1])


def writes(portal):
    return [method for method in portal.log.methods() if method.endswith(WRITES)]
