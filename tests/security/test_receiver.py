"""The webhook URL is on the internet: whoever finds it cannot read, fill, hold up or move anything."""

from __future__ import annotations

import gc
import gzip
import hmac
import json
import tracemalloc
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import anyio
import pytest
from aiohttp import web

from journey_async.core.deliveries import LARGEST_BODY
from tests.core import samples
from tests.webhooks.controlled import FINISHED, ControlledService
from tests.webhooks.receiving import BODY, HEADERS, SECRET, Sink, receiver

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from journey_async.webhooks import WebhookReceiver

WRONG = {**HEADERS, "X-Webhook-Secret": SECRET[:-1] + "?"}


@asynccontextmanager
async def mounted(to: WebhookReceiver) -> AsyncGenerator[int]:
    """Serve a receiver by aiohttp.web, which has a limit of its own that is no help here, and give the port."""
    app = web.Application(client_max_size=1 << 40)
    app.router.add_route("*", "/journey", to.aiohttp_handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.01, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def tables(journey: Any) -> dict[str, int]:
    """Give the size of everything in a client that a delivery could fill."""
    workings = journey._workings
    watcher, submitter = workings.watcher, workings.submitter
    owners = {
        "watcher": watcher,
        "agenda": watcher._questions._agenda,
        "relay": watcher._questions._relay,
        "slots": workings.slots,
        "submitter": submitter,
        "revelations": submitter._revelations,
    }
    found: dict[str, int] = {}
    for name, owner in owners.items():
        fields = cast("dict[str, Any]", vars(owner))
        for attribute, value in fields.items():
            if hasattr(value, "__len__"):
                found[f"{name}.{attribute}"] = len(value)
    return found


async def test_every_secret_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """By `hmac.compare_digest`, with each of them, whether an earlier one was right or not."""
    compared: list[bytes] = []
    real = hmac.compare_digest

    def compare(given: bytes, right: bytes) -> bool:
        compared.append(right)
        return real(given, right)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    to = receiver(Sink(), secret=[SECRET, "b" * 20, "c" * 20])
    answer = await to.answer("POST", HEADERS.items(), "", BODY)

    assert answer.status == 200
    assert compared == [SECRET.encode(), b"b" * 20, b"c" * 20]


async def test_a_stranger_is_answered_before_its_body_has_come() -> None:
    """A body that is sent for ever holds nothing up: it is not read."""
    sink = Sink()
    async with mounted(receiver(sink)) as port, await anyio.connect_tcp("127.0.0.1", port) as stream:
        head = f"POST /journey HTTP/1.1\r\nHost: x\r\nX-Webhook-Secret: {'x' * 24}\r\nContent-Length: 999999999\r\n\r\n"
        await stream.send(head.encode() + b"{")
        with anyio.fail_after(20):
            assert (await stream.receive()).startswith(b"HTTP/1.1 401")
    assert not sink.told


async def test_a_packed_body_is_not_unpacked_beyond_the_limit() -> None:
    """64 MiB of zeros fit into 64 KiB; with the right secret too no more than the limit is held."""
    sink = Sink()
    bomb = gzip.compress(bytes(64 * 1024 * 1024))
    headers = {**HEADERS, "Content-Encoding": "gzip"}
    async with mounted(receiver(sink)) as port, aiohttp.ClientSession() as session:
        tracemalloc.start()
        async with session.post(f"http://127.0.0.1:{port}/journey", data=bomb, headers=headers) as response:
            status = response.status
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert status in {400, 413}
    assert peak < 16 * LARGEST_BODY
    assert not sink.told


async def test_a_flood_fills_no_table() -> None:
    """Neither without the secret nor with it, for tasks and intents that nobody knows."""
    service, to = ControlledService(), receiver()
    async with service.client(to) as journey:
        await journey.imagine("elk")
        before = tables(journey)
        asked = len(service.questions)
        for number in range(2000):
            body = json.dumps({**FINISHED, "task_id": f"other-{number}"}).encode()
            query = f"intent=i{number}"
            assert (await to.answer("POST", WRONG.items(), query, body)).status == 401
            assert (await to.answer("POST", HEADERS.items(), query, body)).status == 200
        gc.collect()

        assert tables(journey) == before
        assert len(service.questions) == asked
    assert {"watcher._others", "agenda._due", "agenda._moments", "relay._queue", "slots._holders"} <= before.keys()
    assert "revelations._late" in before


async def test_a_delivery_that_is_repeated_does_nothing() -> None:
    """A task that has ended never changes again, whatever a copy of a delivery, or an altered one, says of it."""
    service, to = ControlledService(), receiver(trust_bodies=True)
    async with service.client(to) as journey:
        task = await journey.imagine("elk")
        await service.deliver(to)
        result = await task
        before, asked = tables(journey), len(service.questions)
        for item in (FINISHED, {"task_type": "imagine", "status": "failed", "error": "no"}) * 100:
            assert await service.deliver(to, item=item) == 200

        assert await task is result
        assert tables(journey) == before
        assert len(service.questions) == asked


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"task_id":' * 50_000,
        b'{"task_id": ' + b"9" * 100_000 + b"}",
        b'{"task_id": 1e999999999}',
        b"\xff" * 1000,
        b'{"task_id": "' + b"x" * 900_000 + b'"}',
        b"{" + b'"a": 1,' * 100_000 + b'"task_id": "t"}',
    ],
    ids=["deep list", "deep object", "long number", "huge number", "no text", "long id", "many names"],
)
async def test_a_body_that_is_made_to_break_the_reader_is_answered(body: bytes) -> None:
    """With the right secret, too: it is a 400 or a task that nobody knows, and never an error of the server."""
    answer = await receiver(Sink(samples.GRID_ID)).answer("POST", HEADERS.items(), "", body)
    assert answer.status in {200, 400}
