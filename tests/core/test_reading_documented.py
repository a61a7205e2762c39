"""The documented bodies are read to exactly what the pages say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from journey_async.core import wire
from journey_async.core.actions import Describe
from journey_async.core.kinds import (
    Description,
    ImagineGrid,
    Picture,
    Result,
    Shortening,
)
from journey_async.core.reading import (
    read_account,
    read_tasks,
)
from journey_async.core.tasks import Account, Failed, Finished, Unfinished
from tests.core import samples

if TYPE_CHECKING:
    from journey_async.core.tasks import TaskState
from tests.core.readings import FLUX, FREE, GRID, PAID, UPSCALED, ok, read_submission, task_of

# --- the documented bodies


def test_a_bare_task_id_is_a_submitted_task_of_the_kind_that_the_action_gives() -> None:
    state = read_submission(PAID, ok(samples.SUBMITTED), gives=ImagineGrid)

    assert state == Unfinished(task_id=samples.GRID_ID, status="submitted", percentage=None, kind=ImagineGrid)
    assert state.raw == {"task_id": samples.GRID_ID}


def test_the_immediate_reply_of_a_synchronous_model_is_a_finished_picture() -> None:
    state = read_submission(PAID, ok(samples.SYNCHRONOUS), gives=Picture)

    assert state == Finished(result=Picture(task_id=samples.GRID_ID, image_url="https://cdn.example.com/output.png"))


def test_a_finished_description_is_read_as_the_immediate_reply() -> None:
    asked = wire.submission(Describe(image_url="https://example.com/photo.jpg"), None)

    assert read_submission(asked, ok(samples.DESCRIBED), gives=Description) == Finished(
        result=Description(
            task_id="ff0i8e00-i29l-41n4-k716-446655440000",
            content=("1️⃣ … --ar 16:9", "2️⃣ … --ar 16:9", "3️⃣ … --ar 16:9", "4️⃣ … --ar 16:9"),
            image_url="https://example.com/photo.jpg",
        )
    )


def test_a_bare_task_id_is_read_as_the_immediate_reply_of_a_describe_too() -> None:
    state = read_submission(PAID, ok(samples.SUBMITTED), gives=Description)

    assert state == Unfinished(task_id=samples.GRID_ID, status="submitted", kind=Description)


def test_a_finished_shortening_is_read_as_the_immediate_reply() -> None:
    assert read_submission(PAID, ok(samples.SHORTENED), gives=Shortening) == Finished(
        result=Shortening(
            task_id="gg1j9f11-j30m-52o5-l827-557766551111",
            content=("1️⃣ …", "2️⃣ …", "3️⃣ …"),
            full_content="**Important tokens:** …\n**Low impact:** …",
        )
    )


def test_a_submission_that_is_already_on_its_way_is_unfinished() -> None:
    body = {"task_id": "t", "task_type": "shorten", "status": "starting"}

    assert read_submission(PAID, ok(body), gives=Shortening) == Unfinished(
        task_id="t", status="starting", kind=Shortening
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            samples.FETCH_PROCESSING,
            Unfinished(task_id=samples.GRID_ID, status="processing", percentage=45, kind=ImagineGrid),
        ),
        (samples.FETCH_GRID, Finished(result=GRID)),
        (samples.WEBHOOK_FINISHED, Finished(result=GRID)),
        (samples.FETCH_PICTURE, Finished(result=FLUX)),
        (samples.FETCH_UPSCALED, Finished(result=UPSCALED)),
        (samples.FETCH_FAILED, Failed(task_id=samples.GRID_ID, error="Content policy violation", kind=ImagineGrid)),
        (samples.WEBHOOK_FAILED, Failed(task_id=samples.GRID_ID, error="Content policy violation")),
        (
            samples.SYNCHRONOUS,
            Finished(result=Picture(task_id=samples.GRID_ID, image_url="https://cdn.example.com/output.png")),
        ),
    ],
    ids=["processing", "grid", "grid webhook", "picture", "upscaled", "failed", "failed webhook", "synchronous"],
)
def test_each_documented_task_is_read_to_exactly_its_value(body: bytes, expected: TaskState[Result]) -> None:
    state = task_of(body)

    assert state == expected
    assert state.raw == json.loads(body)


def test_fetch_many_gives_the_state_of_each_task_by_id() -> None:
    assert read_tasks(FREE, ok(samples.FETCH_MANY)) == {
        samples.GRID_ID: Unfinished(task_id=samples.GRID_ID, status="processing", percentage=45, kind=ImagineGrid),
        samples.FLUX_ID: Finished(result=FLUX),
        samples.UPSCALED_ID: Finished(result=UPSCALED),
    }


def test_the_account_is_read() -> None:
    account = read_account(wire.ACCOUNT, ok(samples.ACCOUNT))

    assert account == Account(email="…", credits=12000, total_images=695, plan="starter")
    assert account.raw == {"email": "…", "credits": 12000, "total_images": 695, "plan": "starter"}
