"""Webhooks over real sockets, received by a small server on this machine."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
import pytest
from aiohttp import ClientSession, web

from journey_async.sandbox import Sandbox
from tests.sandbox.visiting import Visitor, until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.sandbox.asking import JSON


class Receiver:
    """Keeps what it was told, and answers with the statuses it is given, 200 after the last."""

    def __init__(self, *statuses: int) -> None:
        self.url = ""
        self.told: list[JSON] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self._statuses = list(statuses)
        self._news = anyio.Event()

    async def heard(self, count: int) -> list[JSON]:
        """Wait until it was told so many things."""
        with anyio.fail_after(20):
            while len(self.told) < count:
                await self._news.wait()
        return self.told

    async def _hook(self, request: web.Request) -> web.Response:
        self.told.append(json.loads(await request.read()))
        self.headers.append(dict(request.headers))
        self.paths.append(request.raw_path)
        self._news.set()
        self._news = anyio.Event()
        return web.Response(status=self._statuses.pop(0) if self._statuses else 200)

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[None]:
        app = web.Application()
        app.router.add_post("/{path:.*}", self._hook)
        runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook?intent=a%2Fb"
        yield
        await runner.cleanup()


@asynccontextmanager
async def both(*statuses: int, **options: JSON) -> AsyncGenerator[tuple[Visitor, Receiver]]:
    receiver = Receiver(*statuses)
    async with (
        receiver.listening(),
        Sandbox(task_seconds=0.01, speed=2000, **options) as box,
        ClientSession(headers={"Authorization": box.api_key}) as session,
    ):
        yield Visitor(box, session), receiver


async def test_a_finished_task_is_told_with_the_secret_to_the_url_as_it_was_given() -> None:
    async with both() as (visitor, receiver):
        _, said = await visitor.post("imagine", prompt="elk", webhook_url=receiver.url, webhook_secret="päss word")
        (told,) = await receiver.heard(1)
        item = await visitor.finished(said["task_id"])
        del item["model"]
        assert item == told
        assert receiver.paths[0] == "/hook?intent=a%2Fb"
        assert receiver.headers[0]["x-webhook-secret"] == "päss word"
        assert receiver.headers[0]["Content-Type"] == "application/json"


async def test_a_failure_is_told() -> None:
    async with both() as (visitor, receiver):
        await visitor.post("imagine", prompt="elk [sandbox:fail=no]", webhook_url=receiver.url)
        (told,) = await receiver.heard(1)
        assert (told["status"], told["error"]) == ("failed", "no")
        assert "x-webhook-secret" not in receiver.headers[0]


async def test_a_delivery_is_repeated_until_it_arrives() -> None:
    async with both(500, 302, 404) as (visitor, receiver):
        await visitor.post("imagine", prompt="elk", webhook_url=receiver.url)
        told = await receiver.heard(4)
        assert all(body == told[0] for body in told)
        await anyio.sleep(0.05)
        assert len(receiver.told) == 4
        assert visitor.box.world.undeliverable == ()


async def test_a_delivery_that_never_arrives_is_given_up() -> None:
    async with both(*[500] * 9) as (visitor, receiver):
        await visitor.post("imagine", prompt="elk", webhook_url=receiver.url)
        await receiver.heard(4)
        await until(lambda: len(visitor.box.world.undeliverable) == 1)
        assert len(receiver.told) == 4


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/nobody", "https://host.invalid/hook", "https://127.0.0.1:9/x y"])
async def test_a_receiver_that_is_not_there_disturbs_nothing(url: str) -> None:
    async with both() as (visitor, _):
        status, _ = await visitor.post("imagine", prompt="elk", webhook_url=url, webhook_secret="\ud800")
        if status == 200:
            await until(lambda: len(visitor.box.world.undeliverable) == 1)
        assert (await visitor.send("GET", "/api/v1/account"))[0] == 200


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("double-webhook", ["finished", "finished"]),
        ("backward-webhook", ["finished", "processing"]),
        ("late-webhook", ["finished"]),
    ],
)
async def test_a_fault_of_webhooks_is_carried_out(fault: str, expected: list[str]) -> None:
    async with both(faults=[fault]) as (visitor, receiver):
        await visitor.post("imagine", prompt="elk", webhook_url=receiver.url)
        told = await receiver.heard(len(expected))
        assert expected == [body["status"] for body in told]


async def test_a_lost_webhook_never_comes() -> None:
    async with both(faults=["lost-webhook:imagine:1"]) as (visitor, receiver):
        await visitor.post("imagine", prompt="elk", webhook_url=receiver.url)
        _, said = await visitor.post("blend", image_urls=["https://a.de/1", "https://a.de/2"], webhook_url=receiver.url)
        (told,) = await receiver.heard(1)
        assert said["task_id"] == told["task_id"]


async def test_leaving_the_block_leaves_nothing_behind() -> None:
    async with both() as (visitor, receiver):
        await visitor.post("imagine", prompt="elk [sandbox:seconds=60]", webhook_url=receiver.url)
    assert receiver.told == []


async def test_many_deliveries_arrive_once_each() -> None:
    async with both(plan="enterprise", slots=300) as (visitor, receiver):
        async with anyio.create_task_group() as group:
            for number in range(200):
                group.start_soon(_submit, visitor, receiver, number)
        told = await receiver.heard(200)
        await anyio.sleep(0.02)
        assert len({body["task_id"] for body in told}) == len(receiver.told) == 200


async def _submit(visitor: Visitor, receiver: Receiver, number: int) -> None:
    await visitor.post("imagine", prompt=f"elk {number}", model="flux-schnell", webhook_url=receiver.url)
