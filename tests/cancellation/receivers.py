"""Public coroutines that no client has: webhooks, galleries, the sandbox, and the fixtures for users' tests."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request
from anyio.lowlevel import checkpoint

from journey_async import WebhookReceiver, testing
from journey_async.downloads import Downloader
from journey_async.gallery import watch_gallery, write_gallery
from journey_async.sandbox import Sandbox
from tests.cancellation.coroutines import scene
from tests.cancellation.runs import begun, known_to
from tests.cancellation.stages import OverSocket
from tests.client.services import PATIENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from journey_async import Delivery
    from tests.cancellation.coroutines import Call
    from tests.cancellation.stages import Stage

SECRET: Final = "a secret of at least 16".replace(" ", "-")
BODY: Final = json.dumps({"task_id": "t1", "status": "finished"}).encode()
HEADERS: Final = {"X-Webhook-Secret": SECRET}


# ---------------------------------------------------------------------------------------------------------------------
# Webhooks


def receiver(stage: Stage) -> WebhookReceiver:
    """Give one that hands deliveries on; after a cancellation it takes in the next one."""

    async def hand_on(delivery: Delivery) -> None:
        await checkpoint()
        await checkpoint()

    made = WebhookReceiver(secret=SECRET, public_url="https://example.com/hook", unknown=hand_on)

    async def next_one() -> set[str]:
        answer = await made.answer("POST", HEADERS.items(), "", BODY)
        assert answer.status == 200
        return set()

    stage.afterwards = next_one
    return made


@scene("WebhookReceiver.answer")
async def answer(stage: Stage) -> Call:
    made = receiver(stage)
    return lambda: made.answer("POST", HEADERS.items(), "", BODY)


@scene("WebhookReceiver.asgi")
async def asgi(stage: Stage) -> Call:
    made = receiver(stage)
    scope = {
        "type": "http",
        "method": "POST",
        "headers": [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()],
    }

    async def receive() -> dict[str, Any]:
        await checkpoint()
        return {"type": "http.request", "body": BODY}

    async def send(_: Mapping[str, Any]) -> None:
        await checkpoint()

    return lambda: made.asgi(scope, receive, send)


@scene("WebhookReceiver.aiohttp_handler")
async def aiohttp_handler(stage: Stage) -> Call:
    made = receiver(stage)
    loop = asyncio.get_running_loop()
    connection = BaseProtocol(loop=loop)
    connection.connection_made(asyncio.Transport())
    payload = StreamReader(connection, limit=2**16, loop=loop)

    def come() -> None:
        payload.feed_data(BODY)
        payload.feed_eof()

    async def handle() -> object:
        loop.call_soon(loop.call_soon, come)
        return await made.aiohttp_handler(make_mocked_request("POST", "/hook", HEADERS, payload=payload))

    return handle


# ---------------------------------------------------------------------------------------------------------------------
# Galleries


async def _gallery(stage: Stage, write: Any) -> Call:
    journal = await begun(stage)
    await stage.journey.resume(journal)
    downloader = Downloader(retry=PATIENT, proxy="")
    page = stage.folder / "gallery" / "index.html"

    async def whole_or_none() -> set[str]:
        if page.exists():
            assert page.read_bytes().rstrip().endswith(b"</html>")
        await write_gallery(journal, stage.folder / "gallery", downloader=downloader)
        return known_to(await stage.journey.resume(journal))

    stage.afterwards = whole_or_none
    return lambda: write(journal, stage.folder / "gallery", downloader=downloader)


@scene("write_gallery")
async def writing(stage: Stage) -> Call:
    return await _gallery(stage, write_gallery)


@scene("watch_gallery")
async def watching(stage: Stage) -> Call:
    return await _gallery(stage, watch_gallery)


# ---------------------------------------------------------------------------------------------------------------------
# The sandbox, and what users test with


@scene("Sandbox.__aenter__")
async def box(stage: Stage) -> Call:
    async def enter_and_leave() -> None:
        async with Sandbox() as made:
            assert made.base_url

    return enter_and_leave


@scene("testing.journey_client")
async def journey_client(stage: Stage) -> Call:
    assert isinstance(stage.theatre, OverSocket)
    box = stage.theatre.box
    fixture: Any = testing.journey_client
    opened = asynccontextmanager(fixture._get_wrapped_function())

    async def enter_and_leave() -> None:
        async with opened(box) as journey:
            await journey.account()

    return enter_and_leave
