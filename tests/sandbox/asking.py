"""A caller of a world, with a valid request for every endpoint and a task of every kind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from attrs import frozen

from journey_async.core import kinds
from journey_async.sandbox import API_KEY, Answer, Ledger, World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from journey_async.core.kinds import Kind

JSON: TypeAlias = Any
"""What a reply says, to be looked at without ceremony."""

HEADERS: Final = {"Authorization": API_KEY, "Content-Type": "application/json"}
ENOUGH: Final = 10_000.0
"""Sandbox seconds after which every task has ended that is not stuck."""
MASK: Final = "data:image/png;base64,iVBORw0KGgo="
URL: Final = "https://example.com/photo-of-a-boat.jpg"

BODIES: Final[Mapping[str, Mapping[str, object]]] = {
    "imagine": {"prompt": "a majestic elk in a misty forest --ar 16:9"},
    "reroll": {},
    "variations": {"index": "3"},
    "upscale-1x": {"index": "2"},
    "upscale-alt": {"type": "subtle"},
    "upscale-2x-4x": {"type": "2x"},
    "pan": {"direction": "left"},
    "inpaint": {"mask": MASK},
    "outpaint": {"zoom_ratio": "2"},
    "blend": {"image_urls": [URL, "https://example.com/2.jpg"]},
    "describe": {"image_url": URL},
    "shorten": {"prompt": "a very beautiful elk in the misty forest --ar 16:9"},
    "seed": {},
    "faceswap": {"target_image_url": URL, "swap_image_url": "https://example.com/face.jpg"},
    "imagine-video": {"prompt": "the elk walks", "image_url": URL},
    "extend-video": {"index": "1", "prompt": "and runs"},
}
"""What each mutating endpoint needs, its parent aside."""

PARENTS: Final[Mapping[str, Kind]] = {
    "reroll": kinds.ImagineGrid,
    "variations": kinds.ImagineGrid,
    "upscale-1x": kinds.ImagineGrid,
    "upscale-alt": kinds.UpscaledPicture,
    "upscale-2x-4x": kinds.UpscaledPicture,
    "pan": kinds.UpscaledPicture,
    "inpaint": kinds.UpscaledPicture,
    "outpaint": kinds.UpscaledPicture,
    "seed": kinds.ImagineGrid,
    "extend-video": kinds.ImagineVideos,
}
"""A kind of parent that each endpoint takes, for those that take one."""

MAKERS: Final[Mapping[Kind, tuple[str, Mapping[str, object]]]] = {
    kinds.ImagineGrid: ("imagine", {}),
    kinds.Picture: ("imagine", {"model": "z-image"}),
    kinds.RerollGrid: ("reroll", {}),
    kinds.VariationGrid: ("variations", {}),
    kinds.PanGrid: ("pan", {}),
    kinds.InpaintGrid: ("inpaint", {}),
    kinds.OutpaintGrid: ("outpaint", {}),
    kinds.BlendGrid: ("blend", {}),
    kinds.UpscaledPicture: ("upscale-1x", {}),
    kinds.EnlargedPicture: ("upscale-alt", {}),
    kinds.ImagineVideos: ("imagine-video", {}),
    kinds.ExtendedVideos: ("extend-video", {}),
    kinds.Description: ("describe", {}),
    kinds.Shortening: ("shorten", {}),
    kinds.Seed: ("seed", {}),
}
"""Which endpoint makes a task of each kind, and with what beside what it needs."""


@frozen
class Said:
    """An answer, read."""

    status: int
    json: JSON
    answer: Answer

    @property
    def messages(self) -> list[str]:
        """The sentences of a refusal."""
        return [error["msg"] for error in self.json["errors"]]

    @property
    def task_id(self) -> str:
        """The id of the task that was accepted."""
        assert self.status == 200, self.json
        return cast("str", self.json["task_id"])


class Caller:
    """Asks a world things, at a time that only moves when it is told to."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world if world is not None else World()
        self.now = 0.0

    def ask(self, method: str, endpoint: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Said:
        """Send any request."""
        given = HEADERS if headers is None else headers
        answer = self.world.answer(method, f"/api/v1/{endpoint}", headers=given, body=body, now=self.now)
        try:
            value: JSON = json.loads(answer.body)
        except ValueError:
            value = None
        return Said(answer.status, value, answer)

    def post(self, endpoint: str, body: Mapping[str, object] | None = None, /, **fields: object) -> Said:
        """Send a JSON object."""
        return self.ask("POST", endpoint, body=json.dumps({**(body or {}), **fields}).encode())

    def submit(self, endpoint: str, parent: str | None = None, /, **fields: object) -> Said:
        """Ask for the endpoint's example, with some fields of it changed; a parent is made where one is needed."""
        body = {**BODIES[endpoint], **fields}
        if endpoint in PARENTS and "image_url" not in fields:
            name = "task_id" if endpoint == "seed" else "parent_task_id"
            body[name] = parent if parent is not None else self.task(PARENTS[endpoint])
        return self.post(endpoint, body)

    def task(self, kind: Kind) -> str:
        """Make a finished task of a kind."""
        endpoint, fields = MAKERS[kind]
        task_id = self.submit(endpoint, **fields).task_id
        self.now += ENOUGH
        return task_id

    def fetch(self, task_id: str) -> JSON:
        """Ask how a task is doing."""
        return self.post("fetch", task_id=task_id).json

    def account(self) -> JSON:
        """Ask about the account."""
        return self.ask("GET", "account").json

    @property
    def ledger(self) -> Ledger:
        """The world's books."""
        return self.world.ledger(self.now)
