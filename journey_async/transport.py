"""One request, one reply: the only aiohttp client code of the library."""

from __future__ import annotations

import time
import urllib.request
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Final, Protocol, Self, TypeAlias, cast
from urllib.parse import urlsplit

import aiohttp
import anyio
import yarl

from journey_async.connections import Silence, UnaskedError, watched
from journey_async.core.wire import Reply, Request
from journey_async.errors import (
    ClientNotOpenError,
    ConfigurationError,
    ConnectionFailedError,
    NoReplyError,
    ReplyLostError,
)
from journey_async.version import __version__

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from journey_async.configuration import Configuration


TraceConfig: TypeAlias = aiohttp.TraceConfig
Connector: TypeAlias = aiohttp.BaseConnector


class Transport(Protocol):
    """Carries one request and brings one reply."""

    async def send(self, request: Request, /) -> Reply:
        """Send *request* once and give the whole reply, whatever its status.

        Raises `ConnectionFailedError` if nothing left this machine, else `ReplyLostError`.
        """
        ...


class AiohttpTransport(anyio.AsyncContextManagerMixin):
    """A transport over aiohttp, open for as long as the block is: two sessions on one pool of connections.

    Paid requests may be silent for longer than free ones, and each session cuts what is silent by itself.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._base_url = configuration.base_url
        self._proxy = _proxy(configuration.base_url, configuration.proxy)
        key = {"Authorization": configuration.api_key}
        # What the session says with all requests costs less, but aiohttp says that to a proxy as well.
        self._said_by_all = key if self._proxy is None else {}
        self._said_by_each = None if self._proxy is None else key
        self._key_bytes = configuration.api_key.encode()
        self._largest = configuration.largest_reply
        self._open = False

    @asynccontextmanager
    async def __asynccontextmanager__(self) -> AsyncGenerator[Self]:
        settings = self._configuration
        connector = _connector(settings)
        silences = Silence(settings.free_read_seconds), Silence(settings.paid_read_seconds)
        self._free, self._paid = (self._session(silence, connector) for silence in silences)
        self._open = True
        try:
            yield self
        finally:
            self._open = False
            for silence in silences:
                silence.close()
            with anyio.CancelScope(shield=True):
                # First, so that a request that is under way hears of it: a session that is closed breaks in aiohttp.
                if settings.connector is None:
                    await connector.close()
                await self._free.close()
                await self._paid.close()
                # aiohttp's transports close on the next turn of the loop.
                await anyio.sleep(0)  # noqa: ASYNC115 - else all who import the client would load `anyio.lowlevel`

    def _session(self, silence: Silence, connector: aiohttp.BaseConnector) -> aiohttp.ClientSession:
        settings = self._configuration
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"journey-async/{__version__}",
            **self._said_by_all,
        }
        return aiohttp.ClientSession(
            request_class=watched(silence),
            connector=connector,
            connector_owner=False,
            trace_configs=cast("list[aiohttp.TraceConfig]", list(settings.trace_configs)) or None,
            headers=headers,
            cookie_jar=_NoCookies(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=settings.connect_seconds),
            # True would also read ~/.netrc, whose entry would fight with the key: the proxy is looked up by us.
            trust_env=False,
            proxy=self._proxy,
        )

    async def send(self, request: Request, /) -> Reply:
        """Send *request* once and give the whole reply, whatever its status."""
        if not self._open:
            raise ClientNotOpenError("the client is closed")
        session = self._paid if request.paid else self._free
        try:
            response = await session.request(
                request.method,
                self._base_url + request.path,
                data=request.encoded(),
                headers=self._said_by_each,
                allow_redirects=False,
            )
            try:
                content = response.content
                # A short reply is whole as soon as its head is read: then nothing is waited for.
                body = content.read_nowait() if content.is_eof() else await _read(content, self._largest)
                _check_size(body, self._largest)
            except BaseException:
                response.close()
                raise
            # A server that echoes the key must not bring it into an error message or a log.
            body = body.replace(self._key_bytes, b"(secret)")
            if response.status == 200:  # noqa: PLR2004 - the one status whose headers nobody asks for
                return Reply(status=200, body=body)
            return self._with_headers(response, body)
        except aiohttp.ClientHttpProxyError as error:
            refused = translated(error, request, self._base_url)
        except (aiohttp.ClientError, OSError, _ReplyTooLargeError) as error:
            raise translated(error, request, self._base_url) from error
        # Out here the error of aiohttp, which shows the proxy's password, is not even the context of ours.
        raise refused

    def _with_headers(self, response: aiohttp.ClientResponse, body: bytes) -> Reply:
        key = self._configuration.api_key
        headers = {name.lower(): value.replace(key, "(secret)") for name, value in response.headers.items()}
        return Reply(status=response.status, headers=headers, body=body, received_at=time.time())


def _connector(settings: Configuration) -> aiohttp.BaseConnector:
    if settings.connector is not None:
        return cast("aiohttp.BaseConnector", settings.connector)
    return aiohttp.TCPConnector(limit=settings.connections, keepalive_timeout=settings.keep_alive_seconds)


def translated(error: Exception, request: Request, base_url: str) -> NoReplyError:
    """Say what an exception of aiohttp means: whether the request can have left this machine."""
    # A proxy that refuses is told with its URL, and that may hold a password.
    if isinstance(error, aiohttp.ClientHttpProxyError):
        said = f"the proxy answered {error.status}"
    else:
        said = str(error) or type(error).__name__
    what = f"{request.method} {request.path}"
    if never_left(type(error)):
        message = f"{what}: no connection to {base_url}: {said}"
        return ConnectionFailedError(message, method=request.method, path=request.path, paid=request.paid)
    message = f"{what}: the connection broke or fell silent before the reply was whole: {said}"
    return ReplyLostError(message, method=request.method, path=request.path, paid=request.paid)


def never_left(kind: type[Exception]) -> bool:
    """Tell whether an exception of this *kind* comes before anything of the request was sent."""
    return issubclass(kind, _NEVER_LEFT) and not issubclass(kind, aiohttp.RedirectClientError)


class _NoCookies(aiohttp.DummyCookieJar):
    _none = SimpleCookie()

    def filter_cookies(self, request_url: yarl.URL) -> SimpleCookie:  # noqa: ARG002 - whatever it is
        # aiohttp's own makes one for every request.
        return self._none


class _ReplyTooLargeError(Exception):
    def __init__(self, largest: int) -> None:
        super().__init__(f"the reply is larger than {largest} bytes")


def _check_size(body: bytes, largest: int) -> None:
    if len(body) > largest:
        raise _ReplyTooLargeError(largest)


async def _read(content: aiohttp.StreamReader, largest: int) -> bytes:
    """Read to the end, which also gives the connection back, or until it is more than *largest* bytes."""
    parts: list[bytes] = []
    size = 0
    while size <= largest:
        part = await content.readany()
        size += len(part)
        parts.append(part)
        if content.at_eof():
            break
    return b"".join(parts)


_NEVER_LEFT: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
    UnaskedError,
)


def _proxy(base_url: str, given: str | None) -> str | None:
    if given is None:
        return proxy_from_environment(base_url)
    return checked_proxy(given) if given else None


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
