"""The receiver as an ASGI application, driven by hand and mounted in the frameworks that people use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from journey_async.core.deliveries import Delivery
from tests.core import samples
from tests.webhooks.receiving import BODY, HEADERS, SECRET, Sink, receiver

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from journey_async.asgi import Message
    from journey_async.webhooks import WebhookReceiver

TOLD = Delivery(task_id=samples.GRID_ID, intent="i1")
HANGS_UP = {"type": "http.disconnect"}


class Server:
    """An ASGI server for one exchange, which gives the messages that it is told to."""

    def __init__(self, *messages: Message, gone: bool = False) -> None:
        self.sent: list[Message] = []
        self.asked = 0
        self._messages = iter(messages)
        self._gone = gone

    async def receive(self) -> Message:
        self.asked += 1
        return next(self._messages)

    async def send(self, message: Message) -> None:
        if self._gone:
            raise OSError("nobody listens")
        self.sent.append(message)

    async def carry(self, to: WebhookReceiver, **scope: Any) -> list[Message]:
        await to.asgi({"type": "http", **scope}, self.receive, self.send)
        return self.sent

    async def post(self, to: WebhookReceiver, *, secret: str = SECRET, method: str = "POST") -> list[Message]:
        headers = [(b"x-webhook-secret", secret.encode())]
        return await self.carry(to, method=method, path="/journey", query_string=b"intent=i1", headers=headers)


def parts(*bodies: bytes) -> list[Message]:
    return [{"type": "http.request", "body": body, "more_body": True} for body in bodies]


def status(sent: Iterable[Message]) -> list[int]:
    return [message["status"] for message in sent if message["type"] == "http.response.start"]


# By hand


async def test_a_delivery_is_taken_in_and_answered() -> None:
    sink = Sink()

    sent = await Server({"type": "http.request", "body": BODY}).post(receiver(sink))

    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"0")]
    assert sent == [
        {"type": "http.response.start", "status": 200, "headers": headers},
        {"type": "http.response.body", "body": b""},
    ]
    assert sink.told == [TOLD]


async def test_a_body_may_come_in_parts_some_of_them_empty() -> None:
    sink = Sink()
    end: Message = {"type": "http.request"}

    assert status(await Server(*parts(b"", BODY[:9], b"", BODY[9:]), end).post(receiver(sink))) == [200]
    assert sink.told == [TOLD]


async def test_no_more_of_a_body_is_read_than_shows_that_it_is_too_large() -> None:
    sink = Sink()
    server = Server(*parts(*[b"x" * 10] * 100))

    assert status(await server.post(receiver(sink, largest_body=45))) == [413]
    assert server.asked == 5
    assert sink.told == []


async def test_nothing_of_a_strangers_body_is_read() -> None:
    server = Server()

    assert status(await server.post(receiver(Sink()), secret="a-forged-secret-")) == [401]
    assert server.asked == 0


async def test_another_method_is_told_which_one_is_allowed() -> None:
    sent = await Server().post(receiver(Sink()), method="GET")

    assert status(sent) == [405]
    assert (b"allow", b"POST") in sent[0]["headers"]


async def test_a_service_that_hangs_up_in_the_middle_is_not_answered() -> None:
    sink = Sink()

    assert await Server(*parts(BODY[:9]), HANGS_UP).post(receiver(sink)) == []
    assert sink.told == []


async def test_a_service_that_hangs_up_before_the_answer_has_still_told() -> None:
    sink = Sink()

    await Server({"type": "http.request", "body": BODY}, gone=True).post(receiver(sink))

    assert sink.told == [TOLD]


async def test_a_scope_without_a_query_is_a_delivery_without_an_intent() -> None:
    sink = Sink()
    headers = [[b"x-webhook-secret", SECRET.encode()]]

    await Server({"type": "http.request", "body": BODY}).carry(receiver(sink), method="POST", headers=headers)

    assert sink.told == [Delivery(task_id=samples.GRID_ID)]


async def test_the_start_and_the_end_of_a_server_are_answered() -> None:
    server = Server({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})

    sent = await server.carry(receiver(), type="lifespan")

    assert sent == [{"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}]


async def test_a_websocket_is_closed() -> None:
    assert await Server({"type": "websocket.connect"}).carry(receiver(), type="websocket") == [
        {"type": "websocket.close"}
    ]


async def test_an_unknown_protocol_is_an_error_as_the_specification_wants() -> None:
    with pytest.raises(NotImplementedError, match="'carrier-pigeon'"):
        await Server().carry(receiver(), type="carrier-pigeon")


# In frameworks


async def home(_: Request) -> PlainTextResponse:
    return PlainTextResponse("home")


def starlette_route(to: WebhookReceiver) -> ASGIApp:
    return Starlette(routes=[Route("/", home), Route("/journey", to.asgi)])


def starlette_mount(to: WebhookReceiver) -> ASGIApp:
    return Starlette(routes=[Route("/", home), Mount("/journey", to.asgi)])


def fastapi_route(to: WebhookReceiver) -> ASGIApp:
    app = FastAPI()
    app.router.routes += [Route("/", home), Route("/journey", to.asgi)]
    return app


def fastapi_mount(to: WebhookReceiver) -> ASGIApp:
    app = FastAPI(routes=[Route("/", home)])
    app.mount("/journey", to.asgi)
    return app


@pytest.mark.parametrize(
    ("framework", "path"),
    [
        (starlette_route, "/journey"),
        (starlette_mount, "/journey/"),
        (fastapi_route, "/journey"),
        (fastapi_mount, "/journey/"),
    ],
)
async def test_a_framework_brings_deliveries_beside_its_own_pages(framework: Any, path: str) -> None:
    sink = Sink()
    app = framework(receiver(sink))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as service:
        told = await service.post(path, params={"intent": "i1"}, content=BODY, headers=HEADERS)
        forged = await service.post(path, params={"intent": "i1"}, content=BODY)
        looked = await service.get(path)
        page = await service.get("/")

    assert [told.status_code, forged.status_code, looked.status_code, page.text] == [200, 401, 405, "home"]
    assert sink.told == [TOLD]
