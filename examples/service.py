"""A web service that makes pictures: it submits, answers at once, is told of the ends by webhooks, and loses nothing.

POST /pictures {"prompt": "…"} answers 202 as soon as JourneyAPI has accepted. GET /pictures/{id} tells how the picture
is doing, also after a restart: a task that is not followed here is asked about with one free request. JourneyAPI posts
to /journey/ when a task has ended, and who follows it is told; a delivery that is lost only costs time.

When the server stops, requests are finished first. What was bought and not fetched yet is logged with its id, and so is
what was bought for callers who hung up meanwhile.

    pip install journey-async fastapi uvicorn
    export JOURNEY_API_KEY=… PUBLIC_URL=https://pictures.example.com WEBHOOK_SECRET=…  # secrets.token_urlsafe()
    uvicorn --factory service:from_environment
"""

import logging
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from anyio.abc import TaskGroup  # noqa: TC002 - beside FastAPI's, whose annotations are read
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from journey_async import (
    Failed,
    Finished,
    InvalidRequestError,
    JourneyClient,
    JourneyError,
    SubmissionInDoubtError,
    Task,
    TaskNotFoundError,
    WebhookReceiver,
)

log = logging.getLogger("service")

STATUSES: dict[type[JourneyError], int] = {
    InvalidRequestError: 422,
    TaskNotFoundError: 404,
    SubmissionInDoubtError: 502,
}


class Wish(BaseModel):
    """What a caller asks for."""

    prompt: str = Field(min_length=1, max_length=2000)


class Picture(BaseModel):
    """What a caller is told."""

    id: str
    status: str
    percentage: int | None = None
    urls: tuple[str, ...] = ()
    error: str | None = None

    @classmethod
    def of(cls, task: Task[Any]) -> "Picture":
        """Tell what is known of *task* by now."""
        state = task.state
        return cls(
            id=task.id,
            status=state.status,
            percentage=state.percentage,
            urls=state.result.urls if isinstance(state, Finished) else (),
            error=state.error if isinstance(state, Failed) else None,
        )


class Studio:
    """Follows tasks until they end."""

    def __init__(self, journey: JourneyClient) -> None:
        self.journey = journey
        self.tasks: dict[str, Task[Any]] = {}
        self._followers: TaskGroup

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        """Open the client while the block lasts; then tell what is left behind."""
        async with self.journey, anyio.create_task_group() as self._followers:
            yield
            self._followers.cancel_scope.cancel()
        for task_id in self.tasks:
            log.warning("still under way, GET /pictures/%s finds it after the restart", task_id)
        for orphan in self.journey.orphans:
            log.warning("bought for a caller who had gone: %s", orphan)

    async def imagine(self, prompt: str) -> Task[Any]:
        """Submit, and follow the task."""
        task = await self.journey.imagine(prompt)
        self.follow(task)
        return task

    async def find(self, task_id: str) -> Task[Any]:
        """Give the task that is followed, or ask about it."""
        task = self.tasks.get(task_id)
        if task is None:
            task = await self.journey.fetch(task_id)
            if not task.done:
                self.follow(task)
        return task

    def follow(self, task: Task[Any]) -> None:
        """Wait for the end of *task* in the background."""
        self.tasks[task.id] = task
        self._followers.start_soon(self._follow, task)

    async def _follow(self, task: Task[Any]) -> None:
        try:
            await task
        except JourneyError as error:
            log.warning("%s", error)
        # The service keeps it: who asks later costs one free request, and nothing piles up here.
        self.tasks.pop(task.id, None)


def make_app(journey: JourneyClient, receiver: WebhookReceiver) -> FastAPI:
    studio = Studio(journey)
    app = FastAPI(title="Pictures", lifespan=lambda _: studio.open())
    app.mount("/journey", receiver.asgi)

    @app.post("/pictures", status_code=202)
    async def submit(wish: Wish) -> Picture:
        return Picture.of(await studio.imagine(wish.prompt))

    @app.get("/pictures/{task_id}")
    async def status(task_id: str) -> Picture:
        return Picture.of(await studio.find(task_id))

    @app.exception_handler(JourneyError)
    async def refuse(_: Request, error: JourneyError) -> JSONResponse:
        status = STATUSES.get(type(error), 503)
        log.warning("answered %d: %s", status, error)
        return JSONResponse({"detail": str(error)}, status_code=status)

    return app


def from_environment() -> FastAPI:
    receiver = WebhookReceiver(secret=os.environ["WEBHOOK_SECRET"], public_url=f"{os.environ['PUBLIC_URL']}/journey/")
    return make_app(JourneyClient(webhooks=receiver), receiver)
