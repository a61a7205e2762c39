"""A visitor of a sandbox, who talks HTTP to it."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
from aiohttp import ClientSession

from journey_async.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from tests.sandbox.asking import JSON


class Visitor:
    """Talks HTTP to a sandbox."""

    def __init__(self, box: Sandbox, session: ClientSession) -> None:
        self.box = box
        self.session = session
        self.root = box.base_url.removesuffix("/api/v1")

    async def send(self, method: str, path: str, **options: JSON) -> tuple[int, JSON]:
        async with self.session.request(method, f"{self.root}{path}", **options) as response:
            return response.status, json.loads(await response.read())

    async def post(self, endpoint: str, **fields: object) -> tuple[int, JSON]:
        return await self.send("POST", f"/api/v1/{endpoint}", json=fields)

    async def finished(self, task_id: str) -> JSON:
        """Ask until the task has ended."""
        while True:
            _, item = await self.post("fetch", task_id=task_id)
            if item["status"] in {"finished", "failed"}:
                return item
            await anyio.sleep(0.005)


async def until(happened: Callable[[], bool]) -> None:
    """Wait for something that will happen soon."""
    with anyio.fail_after(20):
        while True:
            if happened():
                return
            await anyio.sleep(0.002)


@asynccontextmanager
async def visiting(**options: JSON) -> AsyncGenerator[Visitor]:
    async with Sandbox(**options) as box, ClientSession(headers={"Authorization": box.api_key}) as session:
        yield Visitor(box, session)
