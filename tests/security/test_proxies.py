"""A proxy is shown no key, and its own password is shown to nobody."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
import pytest
from aiohttp import web
from anyio.abc import SocketAttribute

from journey_async import ConfigurationError, JourneyClient, JourneyError, RetryPolicy
from journey_async.core.deliveries import Delivery
from journey_async.revelations import MOST_TOLD, Revelation
from tests.security.canaries import API_KEY, PROXY_PASSWORD, found, locals_in, told

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from anyio.abc import SocketStream

ONCE = RetryPolicy(first=0.001, longest=0.002, patience=0.0, rate_limit_patience=0.0)


@asynccontextmanager
async def refusing_proxy() -> AsyncGenerator[tuple[int, list[str]]]:
    """Give the port of a proxy that lets nobody through, and what it was told."""
    heard: list[str] = []

    async def refuse(stream: SocketStream) -> None:
        async with stream:
            heard.append((await stream.receive()).decode())
            await stream.send(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, refuse)
        yield listener.extra(SocketAttribute.local_port), heard
        group.cancel_scope.cancel()


async def refused(base_url: str, proxy: str) -> JourneyError:
    """Ask through a proxy that refuses."""
    async with JourneyClient(API_KEY, base_url=base_url, proxy=proxy, retry=ONCE) as journey:
        with pytest.raises(JourneyError) as caught:
            await journey.account()
    return caught.value


@pytest.mark.parametrize("user", ["", "user:password@"])
async def test_a_proxy_is_not_shown_the_key(user: str) -> None:
    """It carries an encrypted connection, and is told where to and nothing else."""
    async with refusing_proxy() as (port, heard):
        await refused("https://api.example/v1", f"http://{user}127.0.0.1:{port}")

    assert heard[0].startswith("CONNECT api.example:443")
    assert not found("".join(heard), API_KEY)


async def test_a_proxy_is_not_shown_the_key_as_its_own_password() -> None:
    """Without encryption it sees the key where it belongs, and nowhere else."""
    async with refusing_proxy() as (port, heard):
        await refused("http://api.example/v1", f"http://127.0.0.1:{port}")

    assert "proxy-authorization" not in heard[0].lower()
    assert f"\r\nAuthorization: {API_KEY}\r\n" in heard[0]


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_refuses_does_not_bring_its_password_into_an_error(scheme: str) -> None:
    """Its URL is not shown, and neither is what was sent to it."""
    async with refusing_proxy() as (port, _):
        error = await refused(f"{scheme}://api.example/v1", f"http://user:{PROXY_PASSWORD}@127.0.0.1:{port}")

    assert "407" in str(error)
    assert not found(told(error), PROXY_PASSWORD, API_KEY)


@pytest.mark.parametrize("status", [200, 302])
async def test_a_key_that_is_echoed_in_a_success_or_a_redirect_is_not_shown(status: int) -> None:
    """A page of a broken gateway may repeat the request, and a redirect may repeat its headers in the link."""

    async def echo(request: web.Request) -> web.Response:
        key = request.headers["Authorization"]
        return web.Response(status=status, text=f"<html>{key}", headers={"Location": f"https://x.example/?key={key}"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", echo)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        async with JourneyClient(API_KEY, base_url=url, proxy="", retry=ONCE) as journey:
            for call in (lambda: journey.imagine("elk"), lambda: journey.fetch("t1"), journey.account):
                with pytest.raises(JourneyError) as caught:
                    await call()
                assert not found(told(caught.value), API_KEY)
    finally:
        await runner.cleanup()


def test_a_client_that_is_refused_can_be_shown() -> None:
    """A crash reporter shows every local variable, `self` of a client that was never made too."""
    with pytest.raises(ConfigurationError) as caught:
        JourneyClient("", base_url="http://x")
    assert ("self", "<JourneyClient closed>") in {(name, value) for _, name, value in locals_in(caught.value)}


def test_a_flood_for_one_intent_is_not_kept() -> None:
    """Whoever knows the secret and an intent that is under way fills no memory with it."""
    revelation = Revelation()
    for number in range(10 * MOST_TOLD):
        revelation.take_in(Delivery(task_id=f"t{number}"))
    assert len(revelation.told) == MOST_TOLD
