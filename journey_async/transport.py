"""One request, one reply: the only aiohttp client code of the library."""

from __future__ import annotations

import time
import urllib.request
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Protocol, Self
from urllib.parse import urlsplit

import aiohttp
import anyio
import anyio.lowlevel
import yarl

from journey_async.core.wire import Reply, Request
from journey_async.errors import ConfigurationError, ConnectionFailedError, ReplyLostError
from journey_async.version import __version__

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from journey_async.configuration import Configuration

CONNECT_SECONDS: Final = 10.0
FREE_READ_SECONDS: Final = 15.0
"""How long a free request may fall silent: it can be asked again."""
PAID_READ_SECONDS: Final = 300.0
"""How long a paid request may fall silent: a synchronous model answers only when its picture is done."""
KEEP_ALIVE_SECONDS: Final = 4.0
"""Shorter than the five seconds after which many servers hang up: a paid request that is written to a connection which
is just being closed would be in doubt for no reason."""
LARGEST_REPLY: Final = 16 * 1024 * 1024
"""Bytes. A fetch-many of 20 tasks has about 11,000."""


class Transport(Protocol):
    """Carries one request and brings one reply."""

    async def send(self, request: Request, /) -> Reply:
        """Send *request* once and give the whole reply, whatever its status.

        Raises `ConnectionFailedError` if nothing left this machine, else `ReplyLostError`.
        """
        ...


class AiohttpTransport(anyio.AsyncContextManagerMixin):
    """A transport over one aiohttp session, open for as long as the block is."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._base_url = configuration.base_url

    @asynccontextmanager
    async def __asynccontextmanager__(self) -> AsyncGenerator[Self]:
        settings = self._configuration
        headers = {
            "Authorization": settings.api_key,
            "Content-Type": "application/json",
            "User-Agent": f"journey-async/{__version__}",
        }
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=settings.connections, keepalive_timeout=KEEP_ALIVE_SECONDS),
            headers=headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            # True would also read ~/.netrc, whose entry would fight with the key: the proxy is looked up by us.
            trust_env=False,
            proxy=checked_proxy(settings.proxy) if settings.proxy else proxy_from_environment(settings.base_url),
        )
        self._session = session
        try:
            yield self
        finally:
            with anyio.CancelScope(shield=True):
                await session.close()
                # aiohttp's transports close on the next turn of the loop.
                await anyio.lowlevel.checkpoint()

    async def send(self, request: Request, /) -> Reply:
        """Send *request* once and give the whole reply, whatever its status."""
        what = f"{request.method} {request.path}"
        try:
            async with self._session.request(
                request.method,
                self._base_url + request.path,
                data=request.encoded(),
                allow_redirects=False,
                timeout=_PAID if request.paid else _FREE,
            ) as response:
                body = await _read(response)
                return self._reply(response, body)
        except _NEVER_LEFT as error:
            said = str(error) or type(error).__name__
            message = f"{what}: no connection to {self._base_url}: {said}"
            raise ConnectionFailedError(message, method=request.method, path=request.path, paid=request.paid) from error
        except (aiohttp.ClientError, OSError, _ReplyTooLargeError) as error:
            said = str(error) or type(error).__name__
            message = f"{what}: the connection broke or fell silent before the reply was whole: {said}"
            raise ReplyLostError(message, method=request.method, path=request.path, paid=request.paid) from error

    def _reply(self, response: aiohttp.ClientResponse, body: bytes) -> Reply:
        if response.status == 200:  # noqa: PLR2004 - the one status whose headers nobody asks for
            return Reply(status=200, body=body)
        headers = {name.lower(): value for name, value in response.headers.items()}
        # A server that echoes the key in its complaint must not bring it into an error message or a log.
        body = body.replace(self._configuration.api_key.encode(), b"(api key)")
        return Reply(status=response.status, headers=headers, body=body, received_at=time.time())


class _ReplyTooLargeError(Exception):
    pass


async def _read(response: aiohttp.ClientResponse) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > LARGEST_REPLY:
            message = f"the reply is larger than {LARGEST_REPLY} bytes"
            raise _ReplyTooLargeError(message)
    return b"".join(parts)


_FREE: Final = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=FREE_READ_SECONDS)
_PAID: Final = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=PAID_READ_SECONDS)
_NEVER_LEFT: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
)


def proxy_from_environment(url: str) -> str | None:
    """Give the proxy that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY name for *url*, as requests and httpx do."""
    parts = urlsplit(url)
    proxies: Mapping[str, str] = urllib.request.getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    return checked_proxy(proxy if "://" in proxy else f"http://{proxy}")


def checked_proxy(proxy: str) -> str:
    """Give *proxy* back if it is an http or https URL; its user name and password are never shown."""
    try:
        url = yarl.URL(proxy)
    except ValueError:
        url = yarl.URL()
    if url.scheme in {"http", "https"} and url.host:
        return proxy
    shown = f"{url.scheme or '?'}://{url.host or '?'}"
    message = f"proxy must be an http or https URL, got {shown}: set it by argument or HTTPS_PROXY, or set NO_PROXY"
    raise ConfigurationError(message)
