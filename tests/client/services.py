"""The same service twice: the pure world behind a transport, and the world behind a real socket."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

import anyio
from anyio.lowlevel import checkpoint

from journey_async import JourneyClient, Pace, Reply, ReplyLostError, Request, RetryPolicy
from journey_async.sandbox import Sandbox, World

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable
    from contextlib import AbstractAsyncContextManager

    from journey_async.sandbox import Ledger

QUICK = Pace(lag=0.01, longest=0.05, ahead=0.02)
PATIENT = RetryPolicy(first=0.001, longest=0.005, patience=5.0, rate_limit_patience=5.0)
KEY = "japi_sandbox_canary"


class Service(Protocol):
    """What the behaviour tests need of either."""

    def client(self, **options: Any) -> AbstractAsyncContextManager[JourneyClient]: ...
    def ledger(self) -> Ledger: ...
    def set_faults(self, faults: Iterable[str]) -> None: ...


def requests(service: Service, path: str | None = None) -> int:
    """Count the requests that the service has seen, all or those to one path."""
    counted = service.ledger()["requests"]
    return sum(counted.values()) if path is None else counted.get(path, 0)


class WorldTransport:
    """A transport that hands requests to a world in this process."""

    def __init__(self, world: World, *, api_key: str, speed: float) -> None:
        self.world = world
        self.sent: list[Request] = []
        self.headers = {"Authorization": api_key, "Content-Type": "application/json"}
        self._speed = speed
        self._started = time.monotonic()

    @property
    def now(self) -> float:
        return (time.monotonic() - self._started) * self._speed

    async def send(self, request: Request, /) -> Reply:
        await checkpoint()
        self.sent.append(request)
        answer = self.world.answer(
            request.method,
            f"/api/v1{request.path}",
            headers=self.headers,
            body=request.encoded() or b"",
            now=self.now,
        )
        await anyio.sleep(answer.delay / self._speed)
        if answer.cut:
            raise ReplyLostError("cut", method=request.method, path=request.path, paid=request.paid)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(status=answer.status, headers=headers, body=answer.body)


class InProcess:
    """The pure world, without a socket."""

    def __init__(self, *, speed: float = 20.0, api_key: str = KEY, **options: Any) -> None:
        self.world = World(speed=speed, api_key=api_key, **options)
        self.transport = WorldTransport(self.world, api_key=api_key, speed=speed)

    def client(self, **options: Any) -> JourneyClient:
        given: dict[str, Any] = {"pace": QUICK, "retry": PATIENT, **options}
        return JourneyClient(transport=self.transport, **given)

    def ledger(self) -> Ledger:
        return self.world.ledger(self.transport.now)

    def set_faults(self, faults: Iterable[str]) -> None:
        self.world.set_faults(faults)


class OverHttp:
    """The world behind a real socket."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box

    def client(self, **options: Any) -> JourneyClient:
        given: dict[str, Any] = {"pace": QUICK, "retry": PATIENT, **options}
        return JourneyClient(self.box.api_key, base_url=self.box.base_url, **given)

    def ledger(self) -> Ledger:
        return self.box.ledger()

    def set_faults(self, faults: Iterable[str]) -> None:
        self.box.set_faults(faults)


@asynccontextmanager
async def serving(kind: str, **options: Any) -> AsyncGenerator[Service]:
    """Give a service of *kind*, `world` or `server`."""
    if kind == "world":
        yield InProcess(**options)
    else:
        given: dict[str, Any] = {"speed": 20.0, "api_key": KEY, **options}
        async with Sandbox(**given) as box:
            yield OverHttp(box)
