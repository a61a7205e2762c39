"""Whom the sandbox answers: programs that were told where it is, and no web page of a stranger."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

from journey_async.sandbox import messages
from journey_async.sandbox.answers import refusal
from journey_async.sandbox.options import is_loopback

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.typedefs import Middleware

    from journey_async.sandbox.options import Options


def doorkeeper(options: Options) -> Middleware:
    """Make what looks at a request before anything of it is read.

    A web page reaches a server on the machine of whoever looks at it. Its browser says the page's own name in `Host` if
    that name was made to lead here, and in `Origin` if the page writes.
    """
    own = _name(f"//{options.host}") or _name(f"//[{options.host}]")

    @web.middleware
    async def look(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        host = _name(f"//{request.headers.get('Host', '')}")
        origin = request.headers.get("Origin")
        at_home = options.exposed or host == own or is_loopback(host)
        if at_home and (origin is None or _name(origin) == host or is_loopback(_name(origin))):
            return await handler(request)
        answer = refusal(403, messages.STRANGER)
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)

    return look


def _name(url: str) -> str:
    """Give the host of a URL; empty if there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
