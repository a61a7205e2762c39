"""A transport that plays a script: for the one exchange that a behaviour depends on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

import anyio
import anyio.lowlevel

from journey_async import JourneyClient, JourneyError, Reply, Request
from tests.client.services import PATIENT, QUICK

if TYPE_CHECKING:
    from collections.abc import Callable

Step: TypeAlias = "Reply | JourneyError | Callable[[Request], Reply]"


def json_reply(value: object, status: int = 200, **headers: str) -> Reply:
    """Make a reply out of a JSON value; an underscore in a header's name stands for a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, headers=named, body=json.dumps(value).encode())


ACCEPTED = json_reply({"task_id": "t1"})
FINISHED = json_reply(
    {
        "task_id": "t1",
        "task_type": "imagine",
        "model": "midjourney",
        "status": "finished",
        "original_image_url": "https://x.example/sheet.png",
        "image_urls": ["https://x.example/1.png"] * 4,
    }
)


class Script:
    """Answers one request after another with the steps of a script; its last step answers all that follow."""

    def __init__(self, *steps: Step, holding: bool = False) -> None:
        self.steps = list(steps)
        self.sent: list[Request] = []
        self.times: list[float] = []
        self.arrived = anyio.Event()
        """Set when a request has arrived."""
        self.released = anyio.Event()
        """While *holding*, requests are answered once this is set."""
        if not holding:
            self.released.set()

    async def send(self, request: Request, /) -> Reply:
        self.sent.append(request)
        self.times.append(anyio.current_time())
        self.arrived.set()
        await self.released.wait()
        await anyio.lowlevel.checkpoint()
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, JourneyError):
            raise step
        return step if isinstance(step, Reply) else step(request)

    def play(self, *steps: Step) -> None:
        """Go on with these steps."""
        self.steps = list(steps)

    def client(self, **options: Any) -> JourneyClient:
        given: dict[str, Any] = {"pace": QUICK, "retry": PATIENT, **options}
        return JourneyClient(transport=self, **given)
