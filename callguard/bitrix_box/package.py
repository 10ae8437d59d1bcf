"""The package for boxed portals: the PHP under `local/` with this installation's address and secret, as a ZIP."""

from __future__ import annotations

import io
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.conf import settings
from django.utils.translation import gettext as _

from crm_mirror.connection import WrongSettings
from crm_mirror.provision import REFERENCE

HERE = Path(__file__).parent / "local"
NAME = "callguard-box.zip"
CONFIG = "callguard/config.php"
NEVER = (1980, 1, 1, 0, 0, 0)  # of every file: the same settings make the same package, byte for byte


@dataclass(frozen=True)
class Facts:
    """What the package is told. `reference`: ENTITY_ID that it registers for the status field."""

    address: str
    secret: str
    status_field: str
    reference: str


def facts() -> Facts:
    """As the settings have them. Raises WrongSettings with what to do."""
    address = urlsplit(settings.PUBLIC_URL)
    if not settings.PUBLIC_URL:
        raise WrongSettings(_("PUBLIC_URL is not set"), _("Write this server's address as people's browsers reach it."))
    if address.scheme not in ("http", "https") or not address.hostname or address.query or address.fragment:
        raise WrongSettings(_("PUBLIC_URL is no address"), _("Write one such as https://callguard.example."))
    if not settings.CARD_TOKEN_SECRET:
        raise WrongSettings(
            _("CARD_TOKEN_SECRET is not set"),
            _('Make one: python3 -c "import secrets; print(secrets.token_urlsafe(50))".'),
        )
    return Facts(
        settings.PUBLIC_URL,
        settings.CARD_TOKEN_SECRET,
        settings.BITRIX_STATUS_FIELD,
        settings.BITRIX_STATUS_REFERENCE or REFERENCE,
    )


def packed(told: Facts) -> bytes:
    """The ZIP, to be unpacked in the portal's local/."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_STORED) as archive:
        for name, content in sorted({**sources(), CONFIG: config_of(told).encode()}.items()):
            archive.writestr(entry(name, 0o640 if name == CONFIG else 0o644), content)
    return buffer.getvalue()


def sources() -> dict[str, bytes]:
    """Everything but the configuration, by its name in the ZIP."""
    files = (file for file in HERE.rglob("*") if file.is_file() and file.suffix in (".php", ".txt"))
    return {file.relative_to(HERE).as_posix(): file.read_bytes() for file in files}


def line() -> str:
    """What goes into the portal's init.php; README.txt is where it is written down."""
    readme = (HERE / "callguard/README.txt").read_text(encoding="utf-8")
    return next(text for text in readme.splitlines() if text.startswith("if (is_file("))


def entry(name: str, mode: int) -> ZipInfo:
    info = ZipInfo(name, NEVER)
    info.create_system = 3  # Unix, wherever it is made: else the modes do not count
    info.external_attr = (stat.S_IFREG | mode) << 16
    return info


def config_of(told: Facts) -> str:
    """config.php: it returns an array and prints nothing, so that asking for it over HTTP shows nothing."""
    values = {
        "address": told.address,
        "secret": told.secret,
        "status_field": told.status_field,
        "reference": told.reference,
    }
    lines = (f"    {literal(name)} => {literal(value)},\n" for name, value in values.items())
    return f"<?php\n\n// Written by Call Guard. Holds a secret: show it to nobody.\nreturn [\n{''.join(lines)}];\n"


def literal(text: str) -> str:
    """A PHP string in single quotes, where only the quote and the backslash mean something."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
