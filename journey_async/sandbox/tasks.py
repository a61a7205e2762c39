"""One task of the sandbox: what it is, how far it is at any moment, and how the service writes that."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from attrs import field, frozen

from journey_async.core.kinds import Grid, Picture, Result, Text, Videos
from journey_async.sandbox import pace
from journey_async.sandbox.faults import STUCK_AT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from journey_async.sandbox.making import Made
    from journey_async.sandbox.validation import Asking

Status: TypeAlias = Literal["staged", "pending", "starting", "processing", "finished", "failed"]
Item: TypeAlias = dict[str, object]
"""A task as JSON."""

_TASK_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "variations": "variation-{index}",
        "upscale-1x": "upscale#1",
        "upscale-alt": "upscale-{type}",
        "upscale-2x-4x": "upscale-{type}",
        "pan": "pan-{direction}",
        "outpaint": "outpaint-{zoom_ratio}",
        "extend-video": "imagine-video-extend",
    }
)
"""What /fetch calls an action, where that is not its name."""


def task_type_of(asking: Asking) -> str:
    """Give what /fetch will call a task."""
    return _TASK_TYPES.get(asking.action, asking.action).format_map(asking.fields)


@frozen(kw_only=True)
class Task:
    """A task that the sandbox accepted."""

    id: str
    action: str
    kind: type[Result]
    task_type: str
    model: str
    accepted_at: float
    ends_at: float
    """Infinite for one that is stuck."""
    seconds: float
    """How long it takes, or would take if it were not stuck."""
    error: str | None = None
    """Why it will fail; None if it will finish."""
    progress: pace.Progress = field(repr=False)
    made: Made = field(repr=False)
    webhook_url: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)

    @property
    def stuck(self) -> bool:
        """Whether it never ends."""
        return math.isinf(self.ends_at)

    def status(self, now: float) -> Status:
        """Tell how far it is."""
        if now >= self.ends_at:
            return "finished" if self.error is None else "failed"
        part = self._part(now)
        if part < pace.STAGED_UNTIL:
            return "staged"
        if part < pace.PENDING_UNTIL:
            return "pending"
        return "starting" if part < pace.STARTING_UNTIL else "processing"

    def percentage(self, now: float) -> int:
        """Tell how much of it is done while it is processing."""
        part = (self._part(now) - pace.STARTING_UNTIL) / (1 - pace.STARTING_UNTIL)
        reached = self.progress.at(part)
        return min(STUCK_AT, reached) if self.stuck else reached

    def fetched(self, now: float, media_url: str) -> Item:
        """Write it as /fetch does."""
        item: Item = {"task_id": self.id, "task_type": self.task_type, "model": self.model}
        return item | self._state(now, media_url)

    def posted(self, now: float, media_url: str) -> Item:
        """Write it as a webhook delivery does: without the model."""
        return {"task_id": self.id, "task_type": self.task_type} | self._state(now, media_url)

    def replied(self, media_url: str) -> Item:
        """Write its end as the reply of a synchronous model does: without type, model and percentage."""
        item: Item = {"task_id": self.id, "status": self.status(self.ends_at)}
        return item | (self._result(media_url) if self.error is None else {"error": self.error})

    def _state(self, now: float, media_url: str) -> Item:
        status = self.status(now)
        item: Item = {"status": status}
        if status == "failed":
            item["error"] = self.error
        elif status == "finished":
            # As in the samples: an upscale and a text that are finished have no percentage.
            if issubclass(self.kind, Grid | Videos) or self.task_type == "imagine":
                item["percentage"] = "100"
            item |= self._result(media_url)
        elif status == "processing" and self.action != "seed":
            item["percentage"] = str(self.percentage(now))
        return item

    def _result(self, media_url: str) -> Item:
        urls = [f"{media_url}/{self.id}/{name}" for name in self.made.names]
        if issubclass(self.kind, Text):
            return dict(self.made.said)
        if issubclass(self.kind, Picture):
            return {"image_url": urls[0]}
        if issubclass(self.kind, Videos):
            return {"video_urls": urls}
        return {"original_image_url": f"{media_url}/{self.id}/{self.made.sheet}", "image_urls": urls}

    def _part(self, now: float) -> float:
        if self.seconds <= 0:
            return 1.0
        return min(1.0, max(0.0, (now - self.accepted_at) / self.seconds))
