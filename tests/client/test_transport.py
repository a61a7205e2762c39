"""The aiohttp transport against real sockets that misbehave, and what is sent over them."""

from __future__ import annotations

import asyncio
import inspect
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import anyio
import pytest
from aiohttp import client_exceptions

from journey_async import (
    ApiError,
    AuthenticationError,
    ClientNotOpenError,
    ConfigurationError,
    ConnectionFailedError,
    JourneyClient,
    NoReplyError,
    ReplyLostError,
    Request,
    RetryPolicy,
    SubmissionInDoubtError,
)
from journey_async.configuration import Configuration
from journey_async.transport import AiohttpTransport, never_left, translated

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from pathlib import Path

KEY = "japi_live_canary"
ONCE = RetryPolicy(first=0.001, longest=0.001, patience=0.0, rate_limit_patience=0.0)
OK = b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{"credits": 7}'


class Server:
    """A socket that answers every request as it is told, and keeps what it got.

    It hangs up after an answer, but for OK and for one that gives True.
    """

    def __init__(self, answer: bytes | Callable[[asyncio.StreamWriter], Awaitable[bool | None]]) -> None:
        self.answer = answer
        self.got: list[bytes] = []
        self.port = 0
        self.connections = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                body = await reader.readexactly(int(length[0].split(b":")[1])) if length else b""
                self.got.append(head + body)
                if isinstance(self.answer, bytes):
                    writer.write(self.answer)
                    await writer.drain()
                    if self.answer is not OK:
                        break
                elif not await self.answer(writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def configuration(self, **options: Any) -> Configuration:
        return Configuration(api_key=KEY, base_url=f"http://127.0.0.1:{self.port}/api/v1", connections=5, **options)

    def client(self, **options: Any) -> JourneyClient:
        given: dict[str, Any] = {"retry": ONCE, **options}
        return JourneyClient(KEY, base_url=f"http://127.0.0.1:{self.port}/api/v1", **given)


@asynccontextmanager
async def listening(answer: bytes | Callable[[asyncio.StreamWriter], Awaitable[bool | None]]) -> AsyncGenerator[Server]:
    server = Server(answer)
    listener = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        await anyio.sleep(0.01)


@pytest.fixture(autouse=True)
def no_proxy_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


BREAKS: dict[str, bytes] = {
    "closed without a word": b"",
    "half a status line": b"HTTP/1.1 20",
    "half the headers": b"HTTP/1.1 200 OK\r\nContent-Le",
    "a body cut short": b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"task_id"',
    "a chunk cut short": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nabc",
    "no HTTP at all": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "a body that is no gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
    "a bad length": b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}",
}


@pytest.mark.parametrize("answer", BREAKS.values(), ids=list(BREAKS))
async def test_a_broken_reply_is_lost_on_a_free_call_and_in_doubt_on_a_paid_one(answer: bytes) -> None:
    """After exactly one request each."""
    async with listening(answer) as server, server.client() as journey:
        with pytest.raises(ReplyLostError, match="before the reply was whole"):
            await journey.account()
        assert len(server.got) == 1 + (len(server.got) > 1)  # aiohttp repeats a GET once on a dropped connection
        before = len(server.got)
        with pytest.raises(SubmissionInDoubtError) as caught:
            await journey.imagine("an elk")
        assert len(server.got) == before + 1
    assert isinstance(caught.value.__cause__, ReplyLostError)
    assert isinstance(caught.value.__cause__.__cause__, aiohttp.ClientError | OSError)


async def test_a_refused_connection_never_left() -> None:
    """Nobody listens."""
    async with listening(OK) as server:
        pass
    async with server.client() as journey:
        with pytest.raises(ConnectionFailedError, match="no connection to http://127"):
            await journey.imagine("an elk")


async def test_a_name_that_does_not_resolve_never_left() -> None:
    """`.invalid` never resolves."""
    async with JourneyClient(KEY, base_url="http://journey.invalid/api", retry=ONCE) as journey:
        with pytest.raises(ConnectionFailedError):
            await journey.imagine("an elk")


async def test_a_server_that_falls_silent_is_a_lost_reply() -> None:
    """Liveness of one exchange is the transport's business."""

    async def silence(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        await anyio.sleep(0.05)

    async with listening(silence) as server:
        transport = AiohttpTransport(server.configuration(free_read_seconds=0.02, paid_read_seconds=0.02))
        async with JourneyClient(transport=transport, retry=ONCE) as journey:
            with pytest.raises(ReplyLostError):
                await journey.account()
            with pytest.raises(SubmissionInDoubtError):
                await journey.imagine("an elk")


async def test_a_server_that_drips_its_reply_is_cut() -> None:
    """It is never silent for long, and would never end."""

    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(1000):
            writer.write(b" ")
            await writer.drain()
            await anyio.sleep(0.005)

    async with listening(drip) as server:
        transport = AiohttpTransport(server.configuration(free_read_seconds=0.03, paid_read_seconds=0.03))
        async with JourneyClient(transport=transport, retry=ONCE) as journey:
            with pytest.raises(SubmissionInDoubtError) as doubt:
                await journey.imagine("an elk")
            with pytest.raises(ReplyLostError):
                await journey.account()
    assert isinstance(doubt.value.__cause__, ReplyLostError)


async def test_who_fell_silent_is_told_with_the_time() -> None:
    """Not as a disconnected server: it was us who hung up."""

    async def silence(_: asyncio.StreamWriter) -> None:
        await anyio.sleep(0.05)

    async with listening(silence) as server:
        transport = AiohttpTransport(server.configuration(paid_read_seconds=0.02))
        async with JourneyClient(transport=transport, retry=ONCE) as journey:
            with pytest.raises(SubmissionInDoubtError, match=r"no whole reply within 0\.02 s"):
                await journey.imagine("an elk")


async def test_a_connection_that_was_given_back_in_time_is_not_cut() -> None:
    """It is used again for the next request, long after the first could have been overdue."""
    async with listening(OK) as server:
        transport = AiohttpTransport(server.configuration(free_read_seconds=0.02, paid_read_seconds=0.02))
        async with JourneyClient(transport=transport, retry=ONCE) as journey:
            await journey.account()
            await anyio.sleep(0.04)
            await journey.account()
    assert server.connections == 1


async def test_a_paid_request_is_not_cut_for_the_free_one_before_it() -> None:
    """Both have a limit of their own on the one connection: the picture would be lost to a free question."""
    answers = iter((0.0, 0.05))

    async def later(writer: asyncio.StreamWriter) -> bool:
        await anyio.sleep(next(answers))
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 32\r\n\r\n{"task_id": "t1", "credits": 10}')
        return True

    async with listening(later) as server:
        transport = AiohttpTransport(server.configuration(free_read_seconds=0.02, paid_read_seconds=5))
        async with JourneyClient(transport=transport, retry=ONCE) as journey:
            await journey.account()
            assert (await journey.imagine("an elk")).id == "t1"
    assert server.connections == 1


async def test_no_timer_is_left_when_the_client_is_closed() -> None:
    """Nothing outlives it."""
    loop = asyncio.get_running_loop()
    async with listening(OK) as server:
        transport = AiohttpTransport(server.configuration(paid_read_seconds=3600))
        async with JourneyClient(transport=transport, retry=ONCE) as journey:
            await journey.account()
    timers: list[asyncio.TimerHandle] = getattr(loop, "_scheduled", [])
    assert [timer for timer in timers if not timer.cancelled() and timer.when() > loop.time() + 60] == []


async def test_a_paid_request_may_be_silent_for_longer_than_a_free_one() -> None:
    """A synchronous model answers when its picture is done."""

    async def later(writer: asyncio.StreamWriter) -> None:
        await anyio.sleep(0.05)
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{"task_id": "t1"}')

    async with listening(later) as server:
        transport = AiohttpTransport(server.configuration(free_read_seconds=0.02, paid_read_seconds=5))
        async with JourneyClient(transport=transport, retry=ONCE) as journey:
            assert (await journey.imagine("an elk")).id == "t1"
            with pytest.raises(ReplyLostError):
                await journey.account()


async def test_an_endless_reply_is_given_up() -> None:
    """A limit on its size."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b" " * 5000
    async with listening(answer) as server:
        transport = AiohttpTransport(server.configuration(largest_reply=1000))
        async with JourneyClient(transport=transport, retry=ONCE) as journey:
            with pytest.raises(ReplyLostError, match="larger than 1000 bytes"):
                await journey.account()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_never_followed(status: int) -> None:
    """The key and a paid request would go somewhere else."""
    answer = f"HTTP/1.1 {status} Moved\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n".encode()
    async with listening(answer) as server, server.client() as journey:
        with pytest.raises(ApiError, match="which is not followed: set base_url"):
            await journey.account()
        assert len(server.got) == 1


async def test_the_key_is_sent_as_it_is_with_json() -> None:
    """No Bearer; index as a text."""
    reply = b'HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{"task_id": "t1"}'
    async with listening(reply) as server, server.client() as journey:
        await journey.imagine("élan", extra={"image": ["https://example.com/a.png"], "deep": {"a": (1, None)}})
    head, body = server.got[0].split(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /api/v1/imagine HTTP/1.1"
    assert f"Authorization: {KEY}" in lines
    assert "Content-Type: application/json" in lines
    assert json.loads(body) == {
        "prompt": "élan",
        "model": "midjourney",
        "image": ["https://example.com/a.png"],
        "deep": {"a": [1, None]},
    }


async def test_a_netrc_entry_neither_breaks_nor_replaces_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aiohttp would read it if it trusted the environment."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password secret\ndefault login user password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    async with listening(OK) as server, server.client() as journey:
        assert (await journey.account()).credits == 7
    assert f"Authorization: {KEY}".encode() in server.got[0]
    assert b"Basic" not in server.got[0]


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
async def test_the_proxy_of_the_environment_is_used(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With and without a scheme, as requests and httpx do."""
    async with listening(OK) as proxy:
        monkeypatch.setenv(name, f"user:pass@127.0.0.1:{proxy.port}")
        async with JourneyClient(KEY, base_url="http://journey.invalid/api", retry=ONCE) as journey:
            assert (await journey.account()).credits == 7
    assert proxy.got[0].startswith(b"GET http://journey.invalid/api/account HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic" in proxy.got[0]


async def test_no_proxy_goes_past_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """By host name."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "example.org,127.0.0.1")
    async with listening(OK) as server, server.client() as journey:
        assert (await journey.account()).credits == 7


async def test_a_proxy_given_by_argument_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the environment."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with listening(OK) as proxy:
        client = JourneyClient(
            KEY, base_url="http://journey.invalid", proxy=f"http://127.0.0.1:{proxy.port}", retry=ONCE
        )
        async with client as journey:
            assert (await journey.account()).credits == 7


@pytest.mark.parametrize("proxy", ["socks5://user:canary@127.0.0.1:1080", "http://", "::::"])
async def test_a_proxy_that_cannot_be_used_is_told_without_its_password(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aiohttp has no SOCKS."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(ConfigurationError, match="proxy must be an http or https URL") as caught:
        async with JourneyClient(KEY):
            pass  # pragma: no cover - it is refused
    assert "canary" not in str(caught.value)


async def test_a_proxy_that_refuses_the_tunnel_never_let_the_request_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """CONNECT answered with 403."""
    async with listening(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n") as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        async with JourneyClient(KEY, base_url="https://journey.invalid", retry=ONCE) as journey:
            with pytest.raises(ConnectionFailedError):
                await journey.imagine("an elk")
    assert proxy.got[0].startswith(b"CONNECT journey.invalid:443")


async def test_no_error_shows_the_key_that_a_server_echoes() -> None:
    """In words or in the body; the secret of a webhook neither."""
    body = json.dumps({"errors": [{"msg": f"key {KEY} is wrong, secret hook-canary"}]}).encode()
    answer = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    async with listening(answer) as server, server.client() as journey:
        with pytest.raises(AuthenticationError) as caught:
            await journey.imagine("an elk", webhook_url="https://example.com", webhook_secret="hook-canary")
    for shown in (str(caught.value), repr(caught.value), caught.value.body, repr(caught.value.__dict__)):
        assert "canary" not in shown
    assert "(secret)" in caught.value.body


async def test_a_request_after_closing_says_that_the_client_is_closed() -> None:
    """For a call that was waiting to repeat."""
    async with listening(b"") as server:
        policy = RetryPolicy(first=0.03, longest=0.03, patience=5)
        async with anyio.create_task_group() as group, server.client(retry=policy) as journey:

            async def ask() -> None:
                with pytest.raises((ClientNotOpenError, NoReplyError)):
                    await journey.account()

            group.start_soon(ask)
            await anyio.sleep(0.01)


def every_aiohttp_exception() -> list[type[Exception]]:
    found = [getattr(client_exceptions, name) for name in dir(client_exceptions)]
    return [kind for kind in found if inspect.isclass(kind) and issubclass(kind, aiohttp.ClientError)]


NEVER_LEFT = {
    "ClientConnectorError",
    "ClientConnectorDNSError",
    "ClientConnectorSSLError",
    "ClientSSLError",
    "ClientConnectorCertificateError",
    "ClientProxyConnectionError",
    "ClientHttpProxyError",
    "UnixClientConnectorError",
    "ConnectionTimeoutError",
    "InvalidURL",
    "InvalidUrlClientError",
    "NonHttpUrlClientError",
}


@pytest.mark.parametrize("kind", every_aiohttp_exception(), ids=lambda kind: kind.__name__)
def test_every_exception_of_aiohttp_is_translated(kind: type[Exception]) -> None:
    """Only those of making the connection say that nothing left."""
    assert never_left(kind) is (kind.__name__ in NEVER_LEFT)


@pytest.mark.parametrize(
    "error", [TimeoutError(), ConnectionResetError("reset"), aiohttp.ServerDisconnectedError()], ids=repr
)
def test_a_lost_reply_says_what_was_asked_and_what_came(error: Exception) -> None:
    """Also where the exception itself has nothing to say."""
    made = translated(error, Request(path="/imagine", paid=True), "http://x")
    assert type(made) is ReplyLostError
    assert str(made).startswith("POST /imagine: the connection broke")
    assert str(made).rpartition(": ")[2]
