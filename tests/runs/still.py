"""A world whose time stands still until a test moves it, and whose requests can be held on their way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
from anyio.lowlevel import checkpoint
from attrs import define, field

from journey_async import ConnectionFailedError, JourneyClient, Reply, ReplyLostError
from journey_async.sandbox import World
from tests.client.services import KEY, PATIENT, QUICK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from journey_async import Request
    from journey_async.sandbox import Ledger

TASK_SECONDS = 10.0


@define(eq=False)
class Gate:
    """Where the requests to one path wait."""

    back: bool
    """After the service has answered, and not before."""
    arrived: anyio.Event = field(factory=anyio.Event)
    opened: anyio.Event = field(factory=anyio.Event)

    async def passed(self) -> None:
        self.arrived.set()
        await self.opened.wait()


class StillWorld:
    """A transport. Tasks take ten seconds of a time that passes as the test says: by itself once it is `going`."""

    def __init__(self, **options: Any) -> None:
        given: dict[str, Any] = {"plan": "growth", "credits": 10_000, "task_seconds": TASK_SECONDS, **options}
        self.world = World(api_key=KEY, **given)
        self.now = 0.0
        self.going = False
        """Each request takes three seconds."""
        self.instead: dict[str, Reply] = {}
        """What requests to a path are answered, which the service then does not see."""
        self.down = False
        """No connection can be made."""
        self.key = KEY
        """What the client's key is."""
        self.sent: list[Request] = []
        self._gates: dict[str, Gate] = {}

    async def send(self, request: Request, /) -> Reply:
        await checkpoint()
        self.sent.append(request)
        gate = self._gates.get(request.path)
        if gate is not None and not gate.back:
            await gate.passed()
        if self.down:
            raise ConnectionFailedError("down", method=request.method, path=request.path, paid=request.paid)
        if request.path in self.instead:
            return self.instead[request.path]
        self.now += 3 * self.going
        headers = {"Authorization": self.key, "Content-Type": "application/json"}
        body = request.encoded() or b""
        answer = self.world.answer(request.method, f"/api/v1{request.path}", headers=headers, body=body, now=self.now)
        if gate is not None and gate.back:
            await gate.passed()
        if answer.cut:
            raise ReplyLostError("cut", method=request.method, path=request.path, paid=request.paid)
        named = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(status=answer.status, headers=named, body=answer.body)

    def hold(self, path: str, *, back: bool = False) -> Gate:
        """Hold the requests to *path*, or on their way *back* the replies."""
        self._gates[path] = Gate(back)
        return self._gates[path]

    def release(self) -> None:
        """Hold nothing any more."""
        for gate in self._gates.values():
            gate.opened.set()
        self._gates.clear()

    def end_tasks(self) -> None:
        """Let the time pass that tasks take."""
        self.now += TASK_SECONDS

    def client(self, **options: Any) -> JourneyClient:
        given: dict[str, Any] = {"pace": QUICK, "retry": PATIENT, **options}
        return JourneyClient(transport=self, **given)

    def ledger(self) -> Ledger:
        return self.world.ledger(self.now)

    def set_faults(self, faults: Iterable[str]) -> None:
        self.world.set_faults(faults)

    def prompts(self) -> list[object]:
        """Give the prompts of the imagines that arrived, in order."""
        return [(request.body or {}).get("prompt") for request in self.sent if request.path == "/imagine"]
