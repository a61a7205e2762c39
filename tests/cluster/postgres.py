"""A PostgreSQL of one's own: in a temporary folder, on loopback, for as long as it is wanted."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator

USER: Final = "journey"
MISSING: Final = "there is no PostgreSQL: install it (Debian: apt-get install postgresql), or put its initdb into PATH"


def programs() -> Path | None:
    """Give the folder of PostgreSQL's programs; None where there are none."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return installed[-1].parent if installed else None


class Postgres:
    """A server that was started, and can be restarted."""

    def __init__(self, folder: Path, *, synced: bool) -> None:
        found = programs()
        assert found is not None, MISSING
        self._programs = found
        self._folder = folder
        self._data = folder / "data"
        self._port = _free_port()
        self._synced = synced
        # It refuses to be run by root, so that one of the users is lent who own nothing.
        self._user = next(name for name in ("postgres", "nobody") if _exists(name)) if os.geteuid() == 0 else None

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{USER}@127.0.0.1:{self._port}/{database}"

    def files(self) -> list[Path]:
        """Give all that it wrote, its log among them; files that are gone meanwhile are left out."""
        return [file for file in self._folder.rglob("*") if file.is_file()]

    def start(self) -> None:
        if self._user is not None:
            shutil.chown(self._folder, self._user)
            for folder in (self._folder, *self._folder.parents):
                if folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & 0o001:
                    folder.chmod(folder.stat().st_mode | 0o011)
        if not self._data.exists():
            self._run("initdb", "--pgdata", str(self._data), "--username", USER, "--auth=trust", "--encoding=UTF8")
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self._port),
            "unix_socket_directories": "",
            "fsync": "on" if self._synced else "off",
            "max_connections": "200",
        }
        options = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in settings.items())
        self._run("pg_ctl", "--pgdata", str(self._data), "--log", str(self._folder / "log"), "-o", options, "start")

    def stop(self, how: str = "fast") -> None:
        self._run("pg_ctl", "--pgdata", str(self._data), "--mode", how, "stop")

    def restart(self, how: str = "fast") -> None:
        self.stop(how)
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        with (self._folder / f"{program}.out").open("w", encoding="utf-8") as out:
            subprocess.run(  # noqa: S603 - PostgreSQL's own
                [self._programs / program, *arguments],
                user=self._user,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                check=True,
                timeout=60,
            )


@contextmanager
def running(folder: Path, *, synced: bool = False) -> Generator[Postgres]:
    """Run a server while the block lasts; one that is not *synced* is quick, and forgets if the machine dies."""
    server = Postgres(folder, synced=synced)
    server.start()
    try:
        yield server
    finally:
        server.stop("immediate")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
