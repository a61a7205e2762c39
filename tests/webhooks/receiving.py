"""A receiver, whoever its deliveries are for, and the requests of a service."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import anyio

from journey_async.webhooks import WebhookReceiver
from tests.core import samples

if TYPE_CHECKING:
    from journey_async.core.deliveries import Delivery

SECRET: Final = "a-secret-of-24-letters.."
URL: Final = "https://example.com/journey"
QUERY: Final = "intent=i1"
HEADERS: Final = {"Content-Type": "application/json", "X-Webhook-Secret": SECRET}
FINISHED: Final = {
    "task_id": samples.GRID_ID,
    "task_type": "imagine",
    "status": "finished",
    "percentage": "100",
    "original_image_url": samples.SHEET,
    "image_urls": list(samples.TILES),
}
BODY: Final = json.dumps(FINISHED).encode()


class Sink:
    """Keeps what it is told, and knows all tasks or those it is given."""

    def __init__(self, *known: str) -> None:
        self.told: list[Delivery] = []
        self._known = known
        self._news = anyio.Event()

    def delivered(self, delivery: Delivery, /) -> bool:
        self.told.append(delivery)
        self._news.set()
        self._news = anyio.Event()
        return not self._known or delivery.task_id in self._known

    async def heard(self, count: int) -> list[Delivery]:
        """Wait until it was told so many things."""
        with anyio.fail_after(20):
            while len(self.told) < count:
                await self._news.wait()
        return self.told


def receiver(*sinks: Sink, **options: Any) -> WebhookReceiver:
    given: dict[str, Any] = {"secret": SECRET, "public_url": URL, **options}
    made = WebhookReceiver(**given)
    for sink in sinks:
        made.attach(sink)
    return made
