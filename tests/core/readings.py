"""Reading replies in tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from journey_async.core import wire
from journey_async.core.actions import Imagine
from journey_async.core.kinds import (
    ImagineGrid,
    Kind,
    Picture,
    Result,
    UpscaledPicture,
)
from journey_async.core.reading import read_answer, read_task
from journey_async.core.tasks import SUBMITTED, Finished, Unfinished
from journey_async.core.wire import Reply
from journey_async.errors import (
    ApiError,
)
from tests.core import samples

if TYPE_CHECKING:
    from collections.abc import Callable

    from journey_async.core.tasks import TaskState
    from journey_async.core.wire import Request

T = TypeVar("T")

PAID = wire.submission(Imagine(prompt="an elk"), None)
FREE = wire.fetch(samples.GRID_ID)
GRID = ImagineGrid(task_id=samples.GRID_ID, original_image_url=samples.SHEET, image_urls=samples.TILES)
FLUX = Picture(task_id=samples.FLUX_ID, image_url="https://images.journeyapi.com/flux/abc123.png")
UPSCALED = UpscaledPicture(task_id=samples.UPSCALED_ID, image_url="https://cdn.midjourney.com/def456/0_1.png")


def ok(body: bytes | dict[str, Any]) -> Reply:
    return Reply(status=200, body=body if isinstance(body, bytes) else json.dumps(body).encode())


def task_of(body: bytes | dict[str, Any], *, kind: Kind = Result) -> TaskState[Result]:
    return read_task(FREE, ok(body), kind=kind)


def finished(body: bytes | dict[str, Any], *, kind: Kind = Result) -> Result:
    state = task_of(body, kind=kind)
    assert isinstance(state, Finished)
    return state.result


def value_or_error(read: Callable[[], T]) -> T | ApiError:
    try:
        return read()
    except ApiError as error:
        return error


def read_submission(request: Request, reply: Reply, *, gives: Kind) -> TaskState[Result]:
    """Read the immediate answer to a submission, and give the state that a bare task id stands for."""
    answer = read_answer(request, reply, gives=gives)
    if isinstance(answer, str):
        return Unfinished(task_id=answer, status=SUBMITTED, kind=gives, raw={"task_id": answer})
    return answer
