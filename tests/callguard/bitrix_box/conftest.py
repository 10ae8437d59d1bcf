"""A boxed portal of stubs with the package in it, run by the real PHP."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from callguard.bitrix_box.package import Facts, line, packed

STUBS = Path(__file__).parent / "stubs"
SECRET = "tests-only-card-secret-of-more-than-32-characters"  # as in tests.settings
FIELD = "UF_CRM_CALLGUARD_STATUS"
COMPANY = {"ID": "15", "ASSIGNED_BY_ID": "7", FIELD: "WAITING"}
NOBODY_LISTENS = "http://127.0.0.1:9"


@pytest.fixture(scope="session")
def php() -> str:
    """The program. In CI a missing one fails; on a machine of one's own it skips, with the cure."""
    program = os.environ.get("PHP") or shutil.which("php")
    if program:
        return program
    said = "No PHP: apt-get install php-cli, or name one in the environment variable PHP."
    if os.environ.get("CI") == "true":
        pytest.fail(said)
    pytest.skip(said)


class Box:
    """The portal's document root. `user`: (portal ID, is administrator), or None."""

    def __init__(self, root: Path, php: str) -> None:
        self.root = root
        self.log = root / "php.log"
        complaints = {"display_errors": "stderr", "error_reporting": "-1", "log_errors": "1", "error_log": self.log}
        self._php = [php, *(f"-d{name}={value}" for name, value in complaints.items())]
        include = root / "bitrix/modules/main/include"
        shutil.copytree(STUBS, include)
        self._do = include / "do.php"

    def install(self, address: str, *, secret: str = SECRET) -> None:
        """As docs/install-box.md says: unpack in local/, add the line of README.txt to init.php."""
        with ZipFile(io.BytesIO(packed(Facts(address, secret, FIELD, "CALLGUARD_STATUS")))) as archive:
            archive.extractall(self.root / "local")
        self.write_init(line())

    def write_init(self, *lines: str, folder: str = "local") -> None:
        init = self.root / folder / "php_interface/init.php"
        init.parent.mkdir(parents=True, exist_ok=True)
        init.write_text("\n".join(["<?php", *lines, ""]))

    def logged(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    # --- Requests ----------------------------------------------------------------------------------------------------
    def facts(self, user: tuple[Any, bool] | None, **facts: Any) -> dict[str, Any]:
        who = None if user is None else {"id": str(user[0]), "admin": user[1]}
        return {"user": who, "crm": "asks", "company": COMPANY, **facts}

    def trust(self, authority: Path) -> None:
        """The portal's server knows this certificate authority, as it would know a public one."""
        self._php.append(f"-dopenssl.cafile={authority}")

    def do(self, what: str, *arguments: str, user: tuple[Any, bool] | None = (8, False), **facts: Any) -> Any:
        """What one request of the portal comes to. Printing anything, or a warning of PHP, fails the test."""
        told = json.dumps(self.facts(user, **facts))
        done = subprocess.run(
            [*self._php, str(self._do), told, what, *arguments],
            capture_output=True,
            text=True,
            timeout=30,
            env={**os.environ, "DOCUMENT_ROOT": str(self.root)},
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        answer = json.loads(done.stdout)
        assert base64.b64decode(answer["printed"]) == b""
        return answer["told"]

    def page(self, **given: Any) -> list[str]:
        return self.do("page", **given)

    def save(self, *fields: dict[str, Any], **given: Any) -> dict[str, Any]:
        """The last of the saves, all in one request, with `seconds` of all."""
        told = self.do("save", json.dumps(fields), **given)
        return {**told["saves"][-1], "seconds": told["seconds"]}

    @contextmanager
    def served(self) -> Iterator[str]:
        """The portal over HTTP, by PHP's own server."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [*self._php, "-S", f"127.0.0.1:{port}", "-t", str(self.root)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
            try:
                until = time.monotonic() + 10
                while time.monotonic() < until:
                    with socket.socket() as probe:
                        if probe.connect_ex(("127.0.0.1", port)) == 0:
                            break
                    time.sleep(0.02)
                yield f"http://127.0.0.1:{port}"
            finally:
                server.terminate()


@pytest.fixture
def box(php: str, tmp_path: Path) -> Box:
    """A portal without the package."""
    return Box(tmp_path / "portal", php)


@pytest.fixture
def installed(box: Box) -> Box:
    """A portal with the package, whose Call Guard is away."""
    box.install(NOBODY_LISTENS)
    return box
