"""Where media files lie: plain GET requests to hosts that are not the service, and never get its key."""

from __future__ import annotations

import socket
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Self

import aiohttp
import anyio
import anyio.lowlevel
import yarl
from aiohttp.abc import AbstractResolver

from journey_async.core.media import PIECE, is_public, link_fault, may_be_public, redirected
from journey_async.core.reading import retry_after
from journey_async.core.wire import Reply
from journey_async.errors import ConfigurationError
from journey_async.transport import checked_proxy, never_left, proxy_from_environment
from journey_async.version import __version__

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from aiohttp.abc import ResolveResult

REDIRECTS: Final = 5
_REDIRECTED: Final = frozenset({301, 302, 303, 307, 308})
_PASSING: Final = frozenset({408, 425, 429})
_EXPIRED: Final = frozenset({401, 403, 404, 410})


class MediaError(Exception):
    """A file did not come; `passing` tells whether it may when it is asked for again, after `wait` seconds."""

    def __init__(self, why: str, *, status: int | None = None, passing: bool = False, wait: float = 0.0) -> None:
        super().__init__(why)
        self.status = status
        self.passing = passing
        self.wait = wait


class MediaReply:
    """A reply whose body is still to come."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers

    async def read(self) -> bytes:
        """Give the next bytes of the body as they were sent; none at its end. Raises `MediaError`."""
        try:
            return await self._response.content.read(PIECE)
        except (aiohttp.ClientError, OSError) as error:
            raise translated(error) from None


class RefusedAddressError(OSError):
    """A host has an address that is not one of the public internet."""


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses alone; connections are made to the very addresses that were looked at."""

    def __init__(self, inner: AbstractResolver) -> None:
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Give the addresses of *host*. Raises `RefusedAddressError` if any of them is not public."""
        found = await self._inner.resolve(host, port, family)
        if not all(is_public(address["host"]) for address in found):
            raise RefusedAddressError(None, f"{host} has an address that is not public")
        return found

    async def close(self) -> None:
        """Release what the resolver holds."""
        await self._inner.close()


class MediaHost(anyio.AsyncContextManagerMixin):
    """One aiohttp session for files, open for as long as the block is: no key, no cookies, no user names."""

    def __init__(self, *, connections: int, proxy: str | None, strict: bool, silence: float) -> None:
        self._connections = connections
        self._proxy = checked_proxy(proxy) if proxy else proxy
        self._strict = strict
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=silence)

    @asynccontextmanager
    async def __asynccontextmanager__(self) -> AsyncGenerator[Self]:
        resolver = aiohttp.DefaultResolver()
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self._connections, resolver=PublicResolver(resolver) if self._strict else resolver
            ),
            # What is packed cannot be resumed, and pictures are packed already.
            headers={"User-Agent": f"journey-async/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"},
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=self._timeout,
            # A packed body may be a bomb: it is unpacked by us, in small pieces.
            auto_decompress=False,
            # True would also read ~/.netrc, and send what stands there.
            trust_env=False,
        )
        self._session = session
        try:
            yield self
        finally:
            with anyio.CancelScope(shield=True):
                await session.close()
                # aiohttp's transports close on the next turn of the loop.
                await anyio.lowlevel.checkpoint()

    @asynccontextmanager
    async def get(self, link: str, headers: Mapping[str, str]) -> AsyncGenerator[MediaReply]:
        """Ask for a file and give the reply that brings it, 200 or 206, after at most five redirects.

        Raises `MediaError`, and `ConfigurationError` for a proxy that cannot be used.
        """
        before = None
        try:
            for _ in range(REDIRECTS + 1):
                url = self._checked(link, before)
                proxy = self._proxy_for(link)
                async with self._session.get(url, headers=headers, allow_redirects=False, proxy=proxy) as response:
                    if response.status not in _REDIRECTED:
                        _check_status(response)
                        yield MediaReply(response)
                        return
                    before, link = link, redirected(link, response.headers.get("Location", ""))
        except ConfigurationError:
            raise
        except (aiohttp.ClientError, OSError, ValueError) as error:  # ValueError: a host that no resolver can spell
            # Without the error itself: some of aiohttp's show the whole link, and with it the signature.
            raise translated(error) from None
        raise MediaError(f"it was redirected more than {REDIRECTS} times")

    def _checked(self, link: str, before: str | None) -> yarl.URL:
        fault = link_fault(link, before=before)
        if fault is None:
            # The link goes out byte for byte: a signature covers its spelling.
            url = yarl.URL(link, encoded=True)
            if not self._strict or may_be_public(url.raw_host or ""):
                return url
            fault = "its host is not one of the public internet, which strict=True asks for"
        raise MediaError(fault if before is None else f"it was redirected: {fault}")

    def _proxy_for(self, link: str) -> str | None:
        proxy = proxy_from_environment(link) if self._proxy is None else self._proxy or None
        if proxy is not None and self._strict:
            message = (
                "strict=True checks the addresses that hosts have, which a proxy hides: set proxy='' to go past it"
            )
            raise ConfigurationError(message)
        return proxy


def _check_status(response: aiohttp.ClientResponse) -> None:
    status = response.status
    if status in {200, 206}:
        return
    if status in _PASSING or status >= 500:  # noqa: PLR2004 - the server's own faults
        headers = {name.lower(): value for name, value in response.headers.items()}
        asked = retry_after(Reply(status=status, headers=headers, body=b"", received_at=time.time()))
        raise MediaError(f"the host answered {status}", status=status, passing=True, wait=asked or 0.0)
    if status in _EXPIRED:
        message = f"the host answered {status}: the link may have expired, fetch the task anew for a fresh one"
        raise MediaError(message, status=status)
    # 416: what is here already is no beginning of what is there.
    raise MediaError(f"the host answered {status}", status=status, passing=status == 416)  # noqa: PLR2004


def translated(error: Exception) -> MediaError:
    """Say what an exception of the exchange means, without the link that some of them show."""
    kind = type(error).__name__
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, RefusedAddressError):
        return MediaError(f"{error.os_error.strerror}, which strict=True asks for")
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return MediaError(f"the certificate of {error.host} is not valid")
    if isinstance(error, ValueError):
        return MediaError(f"the link cannot be used ({kind})")
    if never_left(type(error)):
        return MediaError(f"no connection was made ({kind})", passing=True)
    return MediaError(f"the connection broke or fell silent ({kind})", passing=True)
