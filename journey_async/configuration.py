"""What a client is set up with: its key, where the service is, and how it is reached."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

from attrs import field

from journey_async.core.checks import is_url
from journey_async.errors import ConfigurationError
from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

BASE_URL: Final = "https://api.journeyapi.com/api/v1"


class Secret(str):
    """A text that shows itself to nobody who only looks: crash reporters write down the `repr` of local variables."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'(secret)'"


@frozen(kw_only=True)
class Configuration:
    """Checked settings of a client."""

    api_key: str = field(repr=False)
    base_url: str
    connections: int
    proxy: str | None = field(default=None, repr=False)
    """None: what the environment says. An empty text: none."""
    trace_configs: Sequence[object] = ()
    """Of aiohttp: what wants to see its requests, such as OpenTelemetry."""
    connector: object | None = None
    """Of aiohttp, the caller's own, which is not closed here. None: one of *connections*."""
    connect_seconds: float = 10.0
    free_read_seconds: float = 15.0
    """Until the reply to a free request is whole: it can be asked again."""
    paid_read_seconds: float = 300.0
    """The same of a paid request: a synchronous model answers only when its picture is done."""
    keep_alive_seconds: float = 4.0
    """How long an idle connection is kept. Many servers hang up after five: a paid request that is written to a
    connection which is just being closed would be in doubt for no reason."""
    largest_reply: int = 16 * 1024 * 1024
    """Bytes. A fetch-many of 20 tasks has about 11,000."""

    @classmethod
    def from_environment(
        cls,
        *,
        api_key: str | None,
        base_url: str | None,
        connections: int,
        proxy: str | None,
        trace_configs: Sequence[object] = (),
        connector: object | None = None,
    ) -> Self:
        """Fill in what was not given from JOURNEY_API_KEY and JOURNEY_BASE_URL.

        Raises `ConfigurationError` that tells everything that is wrong.
        """
        key = (os.environ.get("JOURNEY_API_KEY", "") if api_key is None else api_key).strip()
        url = (os.environ.get("JOURNEY_BASE_URL") or BASE_URL if base_url is None else base_url).strip().rstrip("/")
        faults = [*_key_faults(key), *_url_faults(url)]
        if connections < 1:
            faults.append(f"connections must be at least 1, got {connections}")
        if faults:
            raise ConfigurationError("; ".join(faults))
        return cls(
            api_key=Secret(key),
            base_url=url,
            connections=connections,
            proxy=None if proxy is None else Secret(proxy),
            trace_configs=tuple(trace_configs),
            connector=connector,
        )


def _key_faults(key: str) -> list[str]:
    """Tell what is wrong with the key, without showing it."""
    if not key:
        return ["api_key is missing: pass api_key=... or set JOURNEY_API_KEY"]
    if key.lower().startswith("bearer "):
        return ["api_key must be the key alone: the service takes it without Bearer"]
    if not re.fullmatch(r"[!-~]+", key):
        return ["api_key must consist of visible ASCII characters without blanks"]
    return []


def _is_host(host: str) -> bool:
    """Tell whether *host* can be asked for: no part of it is empty or too long."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return True


def _url_faults(url: str) -> list[str]:
    parts = urlsplit(url) if is_url(url) else None
    if (
        parts is None
        or not _is_host(parts.hostname or "")
        or parts.query
        or parts.fragment
        or parts.username
        or parts.password
    ):
        shown = re.sub(r"//[^/@]*@", "//…@", url)
        return [f"base_url must be an http or https URL such as {BASE_URL}, got {shown!r}"]
    return []
