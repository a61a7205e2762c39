"""A service whose tasks go on, and whose webhooks tell of them, when a test says so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import anyio
from anyio.lowlevel import checkpoint

from journey_async import JourneyClient, JourneyError, Pace, Reply, Request
from tests.client.scripted import json_reply
from tests.client.services import PATIENT
from tests.core import samples
from tests.webhooks.receiving import SECRET, URL

if TYPE_CHECKING:
    from journey_async.webhooks import WebhookReceiver

QUIET: Final = Pace(lag=0.01, longest=0.05, ahead=0.02, quiet=3600)
"""Who is not told of the end of a task waits for an hour."""
GRID: Final = {"original_image_url": samples.SHEET, "image_urls": list(samples.TILES)}
RUNNING: Final = {"task_type": "imagine", "status": "processing", "percentage": "40"}
FINISHED: Final = {"task_type": "imagine", "status": "finished", "percentage": "100", **GRID}
FAILED: Final = {"task_type": "imagine", "status": "failed", "error": "no elks today"}
DESCRIBED: Final = {"task_type": "describe", "status": "finished", "content": ["a", "b", "c", "d"]}


class ControlledService:
    """A transport. The tasks are t1, t2 and so on; all are processing until the test says something else."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        """What the service says of each task."""
        self.instead: Reply | JourneyError | None = None
        """What submissions are answered, although they are accepted."""
        self.down: JourneyError | None = None
        """What questions end in."""
        self.submissions: list[dict[str, Any]] = []
        self.questions: list[tuple[str, ...]] = []
        """The ids of each question."""
        self.arrived = anyio.Event()
        """Set when a submission has arrived, and anew when a question has."""
        self.answering = anyio.Event()
        """While it is not set nothing is answered; see `hold` and `release`."""
        self.answering.set()

    async def send(self, request: Request, /) -> Reply:
        body: dict[str, Any] = dict(request.body or {})
        if request.paid:
            self.submissions.append(body)
            task_id = f"t{len(self.submissions)}"
            self.items.setdefault(task_id, RUNNING)
            reply: Reply | JourneyError = self.instead or json_reply({"task_id": task_id})
        else:
            ids = tuple(body.get("task_ids", ())) or (str(body["task_id"]),)
            self.questions.append(ids)
            reply = self.down or self._told(ids, many="task_ids" in body)
        self.arrived.set()
        await checkpoint()
        await self.answering.wait()
        if isinstance(reply, JourneyError):
            raise reply
        return reply

    def _told(self, ids: tuple[str, ...], *, many: bool) -> Reply:
        found = [{"task_id": one, "model": "midjourney", **self.items[one]} for one in ids if one in self.items]
        if many:
            return json_reply({"tasks": found})
        return json_reply(found[0]) if found else json_reply({"errors": [{"msg": "task_id not found"}]}, 400)

    def hold(self) -> None:
        """Answer nothing until `release`."""
        self.answering = anyio.Event()
        self.arrived = anyio.Event()

    def release(self) -> None:
        """Answer what is held."""
        self.answering.set()

    def client(self, webhooks: WebhookReceiver, **options: Any) -> JourneyClient:
        given: dict[str, Any] = {"pace": QUIET, "retry": PATIENT, **options}
        return JourneyClient(transport=self, webhooks=webhooks, **given)

    async def deliver(
        self,
        to: WebhookReceiver,
        task_id: str = "t1",
        item: dict[str, Any] = FINISHED,
        *,
        of: int = 1,
        secret: str = SECRET,
        query: str | None = None,
    ) -> int:
        """Tell *item* of a task at the URL of a submission, the first unless *of* says which; give the status."""
        url = str(self.submissions[of - 1].get("webhook_url", URL))
        body = json.dumps({"task_id": task_id, **item}).encode()
        headers = {"x-webhook-secret": secret}
        return (await to.answer("POST", headers.items(), query or urlsplit(url).query, body)).status
