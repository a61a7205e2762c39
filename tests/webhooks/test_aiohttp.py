"""The receiver in aiohttp.web, over real sockets, and told by the sandbox."""

from __future__ import annotations

from contextlib import asynccontextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from aiohttp import ClientSession, ServerDisconnectedError, web

from journey_async.core.deliveries import Delivery
from journey_async.core.kinds import ImagineGrid
from journey_async.core.tasks import Finished
from journey_async.sandbox import Sandbox
from tests.core import samples
from tests.sandbox.visiting import Visitor, until
from tests.webhooks.receiving import BODY, FINISHED, HEADERS, SECRET, Sink, receiver

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from journey_async.webhooks import WebhookReceiver

TOLD = Delivery(task_id=samples.GRID_ID, intent="i1")


def handler(to: WebhookReceiver) -> web.Application:
    app = web.Application()
    app.router.add_post("/journey", to.aiohttp_handler)
    return app


def sub_application(to: WebhookReceiver) -> web.Application:
    app = web.Application()
    app.add_subapp("/journey", to.aiohttp_app())
    return app


def application(to: WebhookReceiver) -> web.Application:
    return to.aiohttp_app()


@asynccontextmanager
async def listening(app: web.Application) -> AsyncGenerator[str]:
    """Serve *app* and give its URL."""
    runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@asynccontextmanager
async def posting(app: web.Application) -> AsyncGenerator[Callable[..., Any]]:
    """Serve *app* and give a function that posts to `/journey` and tells the status."""
    async with listening(app) as url, ClientSession() as session:

        async def post(path: str = "/journey?intent=i1", *, method: str = "POST", **options: Any) -> int:
            given: dict[str, Any] = {"data": BODY, "headers": HEADERS, **options}
            async with session.request(method, url + path, **given) as response:
                await response.read()
                return response.status

        yield post


@pytest.mark.parametrize(
    ("mounted", "path"),
    [
        (handler, "/journey"),
        (sub_application, "/journey"),
        (sub_application, "/journey/"),
        (sub_application, "/journey/a/b"),
        (application, "/"),
        (application, "/journey"),
    ],
)
async def test_a_server_brings_deliveries(mounted: Callable[[WebhookReceiver], web.Application], path: str) -> None:
    sink = Sink()
    async with posting(mounted(receiver(sink))) as post:
        assert await post(f"{path}?intent=i1") == 200
        assert await post(f"{path}?intent=i1", headers={}) == 401
        assert await post(path, method="GET") == 405
    assert sink.told == [TOLD]
    assert sink.told[0].raw == FINISHED


async def test_the_intent_is_read_as_it_was_written() -> None:
    sink = Sink()
    async with posting(sub_application(receiver(sink))) as post:
        await post("/journey?a=b&intent=a%2Bb%26c%20d%2541")
    assert sink.told == [Delivery(task_id=samples.GRID_ID, intent="a+b&c d%41")]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"data": b"x" * 5000}, 413),
        ({"data": b"x" * 5000, "headers": {}}, 401),
        ({"data": b"not json"}, 400),
        ({"data": b"not gzip", "headers": {**HEADERS, "Content-Encoding": "gzip"}}, 400),
        ({"data": b"{}"}, 200),
        ({"data": b""}, 400),
    ],
)
async def test_what_tells_nothing_is_answered(options: dict[str, Any], status: int) -> None:
    sink = Sink()
    async with posting(handler(receiver(sink, largest_body=4000))) as post:
        assert await post(**options) == status
    assert sink.told == []


async def test_more_than_a_server_reads_by_default_is_refused_only_if_the_receiver_says_so() -> None:
    sink = Sink()
    body = b" " * 1_500_000 + BODY
    async with posting(handler(receiver(sink))) as post:
        assert await post(data=BytesIO(body)) == 413
    async with posting(handler(receiver(sink, largest_body=2_000_000))) as post:
        assert await post(data=BytesIO(body)) == 200
    assert sink.told == [TOLD]


async def test_a_service_that_hangs_up_in_the_middle_disturbs_nothing() -> None:
    sink = Sink()
    head = f"POST /journey HTTP/1.1\r\nHost: x\r\nX-Webhook-Secret: {SECRET}\r\nContent-Length: 600\r\n\r\n"
    async with listening(handler(receiver(sink))) as url, ClientSession() as session:
        async with await anyio.connect_tcp("127.0.0.1", int(url.rpartition(":")[2])) as stream:
            await stream.send(head.encode() + BODY[:9])
        async with session.post(f"{url}/journey?intent=i1", data=BODY, headers=HEADERS) as response:
            assert response.status == 200
    assert sink.told == [TOLD]


# Told by the sandbox


class Both:
    """A sandbox, and a receiver to which its webhooks lead."""

    def __init__(self, visitor: Visitor, to: WebhookReceiver) -> None:
        self.world = visitor.box.world
        self.receiver = to
        self.answers: list[int] = []
        """The statuses that deliveries were answered with."""
        self._visitor = visitor

    async def imagine(self, intent: str = "i1", **fields: str) -> str:
        """Submit with the receiver's fields, and give the task's id."""
        given = {**self.receiver.fields(intent), **fields}
        _, said = await self._visitor.post("imagine", prompt="elk", **given)
        return str(said["task_id"])


@asynccontextmanager
async def both(sink: Sink, **options: Any) -> AsyncGenerator[Both]:
    services: list[Both] = []

    async def hook(request: web.Request) -> web.StreamResponse:
        # The public URL is known only once the server listens.
        response = await services[0].receiver.aiohttp_handler(request)
        services[0].answers.append(response.status)
        return response

    app = web.Application()
    app.router.add_post("/journey", hook)
    async with (
        listening(app) as url,
        Sandbox(task_seconds=0.01, speed=2000, **options) as box,
        ClientSession(headers={"Authorization": box.api_key}) as session,
    ):
        services.append(Both(Visitor(box, session), receiver(sink, public_url=f"{url}/journey")))
        yield services[0]


async def test_the_sandbox_tells_of_the_end_of_a_task() -> None:
    sink = Sink()
    async with both(sink) as service:
        task_id = await service.imagine("an intent/with 100%")
        (told,) = await sink.heard(1)

    assert told == Delivery(task_id=task_id, intent="an intent/with 100%")
    state = told.state()
    assert isinstance(state, Finished)
    assert state.kind is ImagineGrid


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        ("double-webhook", ["finished", "finished"]),
        ("backward-webhook", ["finished", "processing"]),
        ("late-webhook", ["finished"]),
    ],
)
async def test_doubled_late_and_backward_deliveries_are_taken_in(fault: str, statuses: list[str]) -> None:
    sink = Sink()
    async with both(sink, faults=[fault]) as service:
        task_id = await service.imagine()
        told = await sink.heard(len(statuses))

        assert [delivery.raw["status"] for delivery in told] == statuses
        assert {delivery.task_id for delivery in told} == {task_id}
        assert service.world.undeliverable == ()


async def test_a_submission_whose_reply_is_lost_is_revealed_by_its_intent() -> None:
    sink = Sink()
    async with both(sink, faults=["lost-reply:imagine:1"]) as service:
        with pytest.raises(ServerDisconnectedError):
            await service.imagine("the lost one")
        (told,) = await sink.heard(1)

    assert told.intent == "the lost one"


async def test_the_service_tries_again_until_a_client_is_open() -> None:
    sink = Sink()
    nobody = Sink()
    async with both(nobody) as service:
        service.receiver.detach(nobody)
        task_id = await service.imagine()
        await until(lambda: bool(service.answers))
        service.receiver.attach(sink)
        (told,) = await sink.heard(1)

        assert service.answers[0] == 503
    assert told.task_id == task_id


async def test_a_delivery_with_another_secret_is_given_up_by_the_service() -> None:
    sink = Sink()
    async with both(sink) as service:
        await service.imagine(webhook_secret="a-forged-secret-")
        await until(lambda: len(service.world.undeliverable) == 1)

        assert service.answers == [401] * 4
    assert sink.told == []
