"""Which database, and which run in it."""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import unquote, urlsplit

from attrs import field, frozen

from journey_async.core.import_path import import_path_of
from journey_async.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMES: Final = ("postgresql://", "postgres://")
DEFAULT_RUN: Final = "main"
_SECRETS: Final = {"password", "sslpassword"}
_RUN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@frozen(repr=False)
class Cluster:
    """A PostgreSQL database that replicas and workers share, and a run in it; in place of a journal's file.

    *url* is what PostgreSQL's own programs take, with one host: `postgresql://user@host/database`; a password may stand
    in it, or better in PGPASSWORD or `~/.pgpass`. *run* is the name of the run, of which one database holds many.
    *after* is a function `async def after(node: NodeFinished, files: Sequence[Path])`, or a plain one, or
    `"package.module:name"`, that a worker calls once a node has finished and its files are saved: again if the worker
    dies meanwhile.

    Raises `ConfigurationError` with everything that is wrong. Needs `pip install 'journey-async[cluster]'`.
    """

    url: str
    run: str = field(default=DEFAULT_RUN, kw_only=True)
    after: str | Callable[..., Any] | None = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        faults = [*_installation_faults(), *_url_faults(self.url), *_run_faults(self.run)]
        if self.after is not None and import_path_of(self.after) is None:
            faults.append(
                "after must be a function at the top of a module that workers can import, or its path "
                f"package.module:name, got {self.after!r}"
            )
        if faults:
            raise ConfigurationError("; ".join(faults))

    @classmethod
    def named(cls, text: str) -> Self | None:
        """Read `postgresql://host/database#run`; None for a text that does not begin like that.

        Raises `ConfigurationError` for a faulty one.
        """
        if not text.startswith(SCHEMES):
            return None
        url, _, run = text.partition("#")
        return cls(url, run=run or DEFAULT_RUN)

    @property
    def after_path(self) -> str | None:
        """Where workers find the function that is called after a node has finished."""
        return None if self.after is None else import_path_of(self.after)

    @property
    def place(self) -> str:
        """The database without its password."""
        return _without_password(self.url)

    def __str__(self) -> str:
        return f"{self.place}#{self.run}"

    def __repr__(self) -> str:
        return f"Cluster({self.place!r}, run={self.run!r})"


def _installation_faults() -> list[str]:
    if all(map(find_spec, ("dbos", "psycopg", "sqlalchemy"))):
        return []
    return ["a cluster needs more packages: pip install 'journey-async[cluster]'"]


def _url_faults(url: object) -> list[str]:
    if not isinstance(url, str) or not url.startswith(SCHEMES):
        return ["url must begin with postgresql://"]
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        # The words of the error may be a piece of the password.
        return ["url is none: what stands in a name or a password of the characters :/?#@ must be written as %3A %2F …"]
    if parts.fragment:
        return ["url must have no fragment: name the run with run="]
    if "sslpassword=" in unquote(parts.query):
        return ["url must not hold sslpassword, which the engine would log: use a key file without one"]
    return [] if parts.path.strip("/") else ["url must name a database: postgresql://user@host/database"]


def _run_faults(run: object) -> list[str]:
    if isinstance(run, str) and _RUN.fullmatch(run):
        return []
    # Behind a # that stands in a password comes the rest of it, and no run.
    return ["run must be 1 to 100 letters, digits, dots, dashes or underscores, and begin with a letter or a digit"]


def _without_password(url: str) -> str:
    """Give *url* without passwords, whether they stand before the host or among the parameters."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    name = user.partition(":")[0]
    shown = [each for each in parts.query.split("&") if each and unquote(each.partition("=")[0]) not in _SECRETS]
    query = f"?{'&'.join(shown)}" if shown else ""
    return f"postgresql://{f'{name}@' if name else ''}{host}{parts.path}{query}"
