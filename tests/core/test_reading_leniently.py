"""What the sibling's and other replies look like, and replies that are not what is documented."""

from __future__ import annotations

import math
from typing import Any

import pytest

from journey_async.core import wire
from journey_async.core.kinds import (
    EnlargedPicture,
    Grid,
    ImagineGrid,
    ImagineVideos,
    InpaintGrid,
    Picture,
    Result,
    Seed,
    Shortening,
    UpscaledPicture,
    Videos,
)
from journey_async.core.reading import (
    read_account,
    read_percentage,
    read_task,
    read_tasks,
)
from journey_async.core.tasks import Account, Failed, Finished, Unfinished
from journey_async.errors import (
    UnreadableReplyError,
)
from tests.core.readings import FREE, PAID, finished, ok, read_submission, task_of

# --- what the sibling's and other replies look like


@pytest.mark.parametrize("task_type", ["upscale#1", "upscale-1x"])
def test_both_names_of_an_upscaled_picture_are_read(task_type: str) -> None:
    body = {"task_id": "u", "task_type": task_type, "status": "finished", "image_url": "https://e.com/0_1.png"}

    assert finished(body) == UpscaledPicture(task_id="u", image_url="https://e.com/0_1.png")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            {"task_id": "t", "task_type": "imagine", "original_image_url": "s", "image_urls": ["a", "b", "c", "d"]},
            ImagineGrid(task_id="t", original_image_url="s", image_urls=("a", "b", "c", "d")),
        ),
        (
            {"task_id": "t", "task_type": "inpaint", "original_image_url": "s", "image_urls": ["a", "b", "c", "d"]},
            InpaintGrid(task_id="t", original_image_url="s", image_urls=("a", "b", "c", "d")),
        ),
        (
            {"task_id": "t", "task_type": "upscale#1", "image_url": "u"},
            UpscaledPicture(task_id="t", image_url="u"),
        ),
        (
            {"task_id": "t", "task_type": "imagine-video", "video_urls": ["a", "b", "c", "d"]},
            ImagineVideos(task_id="t", video_urls=("a", "b", "c", "d")),
        ),
        ({"task_id": "t", "task_type": "seed", "seed": "993456789123"}, Seed(task_id="t", seed="993456789123")),
        ({"task_id": "t", "image_url": "u"}, Picture(task_id="t", image_url="u")),
        ({"task_id": "t", "video_urls": ["a"]}, Videos(task_id="t", video_urls=("a",))),
        (
            {"task_id": "t", "original_image_url": "s", "image_urls": ["a"]},
            Grid(task_id="t", original_image_url="s", image_urls=("a",)),
        ),
    ],
)
def test_a_result_without_status_and_percentage_is_finished(body: dict[str, Any], expected: Result) -> None:
    assert finished(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        {"task_id": "t", "task_type": "inpaint", "status": "processing", "percentage": "80"},
        {"task_id": "t", "task_type": "inpaint", "status": "processing", "percentage": 80},
        {"task_id": "t", "task_type": "inpaint", "status": "processing", "percentage": 80.9},
        {"task_id": "t", "task_type": "inpaint", "status": "processing", "percentage": "80%"},
    ],
)
def test_an_unfinished_task_of_the_sibling_is_read(body: dict[str, Any]) -> None:
    assert task_of(body) == Unfinished(task_id="t", status="processing", percentage=80, kind=InpaintGrid)


@pytest.mark.parametrize(
    "status",
    [
        "staged",
        "pending",
        "starting",
        "processing",
        "retry",
        "retrying",
        "finishing",
        "finished!",
        "canceled",
        "Queued",
    ],
)
def test_every_status_but_the_two_final_ones_is_unfinished_and_kept_as_it_came(status: str) -> None:
    body = {"task_id": "t", "task_type": "upscale#1", "status": status, "image_url": "https://e.com/a.png"}

    assert task_of(body) == Unfinished(task_id="t", status=status, kind=UpscaledPicture)


def test_a_task_of_which_nothing_is_said_is_unfinished() -> None:
    assert task_of({"task_id": "t"}) == Unfinished(task_id="t", status="unknown")


def test_a_failed_task_without_words_still_says_something() -> None:
    assert task_of({"task_id": "t", "status": "failed"}) == Failed(task_id="t", error="no reason given")


def test_an_error_without_status_is_a_failure() -> None:
    assert task_of({"task_id": "t", "error": "Banned word"}) == Failed(task_id="t", error="Banned word")


@pytest.mark.parametrize("nothing", [None, "", " "])
def test_an_empty_error_is_no_failure_of_a_result_without_status(nothing: object) -> None:
    body = {"task_id": "t", "task_type": "upscale#1", "image_url": "https://e.com/a.png", "error": nothing}

    assert task_of(body) == Finished(result=UpscaledPicture(task_id="t", image_url="https://e.com/a.png"))


@pytest.mark.parametrize("nothing", [None, "", " "])
def test_an_empty_error_is_no_failure_of_a_submission(nothing: object) -> None:
    state = read_submission(PAID, ok({"task_id": "t", "error": nothing}), gives=ImagineGrid)

    assert not state.done


def test_what_a_task_is_known_to_be_wins_over_what_the_reply_says() -> None:
    body = {"task_id": "t", "task_type": "upscale-4x", "status": "finished", "image_url": "u"}

    assert finished(body, kind=UpscaledPicture) == UpscaledPicture(task_id="t", image_url="u")
    assert finished(body) == EnlargedPicture(task_id="t", image_url="u")


def test_a_finished_task_of_unknown_shape_is_a_result_with_its_raw_reply() -> None:
    body = {"task_id": "t", "task_type": "animate", "status": "finished", "frames": [1, 2]}
    result = finished(body)

    assert result == Result(task_id="t")
    assert result.raw == body


def test_unknown_fields_are_reachable_in_every_state() -> None:
    unknown = {"sref": "123", "queue": {"place": 7}}
    pending = {"task_id": "t", "status": "pending", **unknown}
    failed = {"task_id": "t", "status": "failed", "error": "no", **unknown}
    done = {"task_id": "t", "status": "finished", "image_url": "u", **unknown}

    assert [task_of(body).raw for body in (pending, failed, done)] == [pending, failed, done]


def test_numbers_are_read_as_texts_where_texts_are_expected() -> None:
    body = {"task_id": 7, "task_type": "seed", "status": "finished", "seed": 993456789123}

    assert finished(body) == Seed(task_id="7", seed="993456789123")


def test_texts_are_read_as_numbers_where_numbers_are_expected() -> None:
    body = {"email": "a@b.c", "credits": "12000", "total_images": "695", "plan": "growth"}

    assert read_account(wire.ACCOUNT, ok(body)) == Account(
        email="a@b.c", credits=12000, total_images=695, plan="growth"
    )


def test_an_account_that_tells_only_its_credits_is_read() -> None:
    assert read_account(wire.ACCOUNT, ok({"credits": 11.5})) == Account(email="", credits=11.5, total_images=0, plan="")


def test_a_debt_is_not_rounded() -> None:
    assert read_account(wire.ACCOUNT, ok({"credits": -7.5})).credits == -7.5


def test_a_lone_text_is_read_as_a_list_of_one() -> None:
    body = {"task_id": "t", "task_type": "shorten", "status": "finished", "content": "shorter"}

    assert finished(body) == Shortening(task_id="t", content=("shorter",))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", 0),
        ("45", 45),
        (45, 45),
        (45.9, 45),
        ("45.9", 45),
        ("45%", 45),
        ("100", 100),
        ("250", 100),
        ("-3", 0),
        (None, None),
        (True, None),
        ("half", None),
        ("", None),
        ("nan", None),
        (math.nan, None),
        (math.inf, None),
        ("1e999", None),
        (10**400, None),
        (["45"], None),
        ({}, None),
    ],
)
def test_a_percentage_is_read_however_it_is_written(value: object, expected: int | None) -> None:
    assert read_percentage(value) == expected


# --- replies that are not what is documented


@pytest.mark.parametrize(
    "body",
    [
        {"task_id": "t", "task_type": "upscale#1", "status": "finished"},
        {"task_id": "t", "task_type": "upscale#1", "status": "finished", "image_url": None},
        {"task_id": "t", "task_type": "upscale#1", "status": "finished", "image_url": " "},
        {"task_id": "t", "task_type": "blend", "status": "finished", "image_urls": ["a", "b", "c", "d"]},
        {"task_id": "t", "task_type": "blend", "status": "finished", "original_image_url": "s", "image_urls": []},
        {"task_id": "t", "task_type": "blend", "status": "finished", "original_image_url": "s", "image_urls": [None]},
        {
            "task_id": "t",
            "task_type": "blend",
            "status": "finished",
            "original_image_url": "s",
            "image_urls": ["a", None],
        },
        {"task_id": "t", "task_type": "describe", "status": "finished"},
        {"task_id": "t", "task_type": "seed", "status": "finished", "seed": True},
    ],
)
def test_a_finished_task_without_its_result_cannot_be_read(body: dict[str, Any]) -> None:
    with pytest.raises(UnreadableReplyError, match=r"task t is finished without "):
        task_of(body)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"null", b"[]", b'"task"', b"7", b"<html>", b'{"task_id": ', b"\xff\xfe", b"[" * 100_000, b"9" * 5000),
        *(b'{"task_id": "t"}{', b'{"task_id": "t"} "tasks"', b'{"task_id": "t", "credits": 1, "tasks": []}]'),
    ],
)
def test_what_is_no_json_object_cannot_be_read(body: bytes) -> None:
    for read in (
        lambda: read_submission(PAID, ok(body), gives=ImagineGrid),
        lambda: read_task(FREE, ok(body)),
        lambda: read_tasks(FREE, ok(body)),
        lambda: read_account(wire.ACCOUNT, ok(body)),
    ):
        with pytest.raises(UnreadableReplyError, match="it is not a JSON object"):
            read()


@pytest.mark.parametrize("body", [{}, {"task_id": None}, {"task_id": " "}, {"task_id": True}, {"task_id": ["t"]}])
def test_a_reply_without_task_id_cannot_be_read(body: dict[str, Any]) -> None:
    with pytest.raises(UnreadableReplyError, match="it has no task_id"):
        read_submission(PAID, ok(body), gives=ImagineGrid)
    with pytest.raises(UnreadableReplyError, match="it has no task_id"):
        read_task(FREE, ok(body))


@pytest.mark.parametrize("body", [{}, {"tasks": None}, {"tasks": {}}, {"task_id": "t"}])
def test_a_reply_without_list_of_tasks_cannot_be_read(body: dict[str, Any]) -> None:
    with pytest.raises(UnreadableReplyError, match="it has no list of tasks"):
        read_tasks(FREE, ok(body))


@pytest.mark.parametrize("body", [{}, {"credits": None}, {"credits": "many"}, {"credits": math.nan}])
def test_an_account_without_credits_cannot_be_read(body: dict[str, Any]) -> None:
    with pytest.raises(UnreadableReplyError, match="it has no credits"):
        read_account(wire.ACCOUNT, ok(body))


def test_an_unreadable_reply_says_what_was_asked_what_came_and_whether_it_was_paid() -> None:
    with pytest.raises(UnreadableReplyError) as caught:
        read_submission(PAID, ok(b"<html>oops</html>"), gives=ImagineGrid)

    error = caught.value
    assert str(error) == "POST /imagine: the reply (200) is not what the service documents: it is not a JSON object"
    assert (error.method, error.path, error.status, error.body) == ("POST", "/imagine", 200, "<html>oops</html>")
    assert (error.paid, error.credits_may_have_moved) == (True, True)


def test_one_unreadable_task_is_an_error_in_its_place_alone() -> None:
    body = {
        "tasks": [
            {"task_id": "broken", "task_type": "upscale#1", "status": "finished"},
            {"task_id": "sound", "task_type": "upscale#1", "status": "finished", "image_url": "u"},
            {"status": "finished", "image_url": "nameless"},
            "no object",
            None,
        ]
    }
    states = read_tasks(FREE, ok(body))

    assert list(states) == ["broken", "sound"]
    assert isinstance(states["broken"], UnreadableReplyError)
    assert states["sound"] == Finished(result=UpscaledPicture(task_id="sound", image_url="u"))


def test_tasks_that_fetch_many_leaves_out_are_simply_not_there() -> None:
    assert read_tasks(FREE, ok(b'{"tasks": []}')) == {}


def test_fetch_many_reads_each_task_as_what_it_is_known_to_be() -> None:
    body = {"tasks": [{"task_id": "a", "status": "pending"}, {"task_id": "b", "status": "pending"}]}

    assert read_tasks(FREE, ok(body), known={"a": ImagineGrid}) == {
        "a": Unfinished(task_id="a", status="pending", kind=ImagineGrid),
        "b": Unfinished(task_id="b", status="pending"),
    }
