"""Any bytes give a value or an ApiError, never another exception."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journey_async.core import wire
from journey_async.core.kinds import (
    Description,
    ImagineGrid,
    ImagineVideos,
    Kind,
    Picture,
    Result,
    Seed,
    Shortening,
    UpscaledPicture,
)
from journey_async.core.reading import (
    read_account,
    read_error,
    read_item,
    read_task,
    read_tasks,
    retry_after,
)
from journey_async.core.tasks import Failed, Finished
from journey_async.core.wire import Reply
from journey_async.errors import (
    ApiError,
    UnreadableReplyError,
)
from tests.core import chance

if TYPE_CHECKING:
    from journey_async.core.tasks import TaskState
from tests.core.readings import FREE, PAID, ok, read_submission, task_of, value_or_error

# --- whatever may come

STATUSES = st.one_of(st.sampled_from((200, 200, 200, 201, 301, 400, 401, 402, 409, 429, 500, 503)), st.integers(0, 999))
DATES = st.one_of(
    st.text(),
    st.datetimes().map(lambda at: at.strftime("%a, %d %b %Y %H:%M:%S GMT")),
    st.builds(
        "{}, {} {} {} {}:{}:{} {}".format,
        st.sampled_from(("Mon", "", "x")),
        st.integers(-1, 40),
        st.sampled_from(("Jan", "Feb", "13")),
        st.integers(0, 100_000),
        st.integers(-1, 30),
        st.integers(0, 70),
        st.integers(0, 70),
        st.sampled_from(("GMT", "", "+0000", "-0000", "+9999", "-99999999", "EST")),
    ),
    st.floats().map(str),
    st.integers().map(str),
)
HEADERS = st.dictionaries(st.sampled_from(("retry-after", "date", "location", "content-type")), DATES)
REPLIES = st.builds(Reply, status=STATUSES, headers=HEADERS, body=chance.bodies(), received_at=st.floats(0, 2e10))
KINDS = st.sampled_from((Result, ImagineGrid, Picture, UpscaledPicture, ImagineVideos, Description, Shortening, Seed))
DEEP = b'{"task_id": "t", "status": "finished", "image_url": ' + b"[" * 900 + b"]" * 900 + b"}"


def assert_sound(state: TaskState[Result]) -> None:
    """Check that every field of *state* holds what its annotation says."""
    assert isinstance(state.task_id, str)
    assert state.task_id.strip()
    assert state.percentage is None or 0 <= state.percentage <= 100
    assert isinstance(state.raw, dict)
    if isinstance(state, Finished):
        fields = {name: getattr(state.result, name) for name in (*state.kind.fields, *state.kind.also)}
        for name, value in fields.items():
            if isinstance(value, tuple):
                assert all(isinstance(item, str) for item in cast("tuple[object, ...]", value)), name
            else:
                assert isinstance(value, str) or name in state.kind.also, name
        assert all(isinstance(url, str) for url in state.result.urls)
    elif isinstance(state, Failed):
        assert state.error.strip()
    else:
        assert state.status.strip()


def assert_sound_error(error: ApiError, reply: Reply) -> None:
    assert error.status == reply.status
    assert str(error).startswith(f"{error.method} {error.path}: ")
    assert error.retry_after is None or 0.0 <= error.retry_after < math.inf
    assert "" not in error.messages


@given(REPLIES, KINDS)
@example(ok(DEEP), Result)
@example(ok(b'{"task_id": ' + b"9" * 4000 + b"}"), Result)
@example(ok(b'{"task_id": "\\ud800", "status": "finished"}'), Result)
def test_any_reply_to_a_submission_is_a_state_or_an_api_error(reply: Reply, gives: Kind) -> None:
    state = value_or_error(lambda: read_submission(PAID, reply, gives=gives))

    if isinstance(state, ApiError):
        assert_sound_error(state, reply)
    else:
        assert_sound(state)


@given(REPLIES, KINDS)
@example(ok(DEEP), Result)
def test_any_reply_to_a_fetch_is_a_state_or_an_api_error(reply: Reply, kind: Kind) -> None:
    state = value_or_error(lambda: read_task(FREE, reply, kind=kind))

    if isinstance(state, ApiError):
        assert_sound_error(state, reply)
    else:
        assert_sound(state)


@given(REPLIES, st.dictionaries(st.sampled_from(chance.WORDS), KINDS))
@example(ok(b'{"tasks": [' + DEEP + b"]}"), {})
def test_any_reply_to_a_fetch_many_is_states_and_errors_or_an_api_error(reply: Reply, known: dict[str, Kind]) -> None:
    states = value_or_error(lambda: read_tasks(FREE, reply, known=known))

    if isinstance(states, ApiError):
        assert_sound_error(states, reply)
        return
    for task_id, state in states.items():
        if isinstance(state, ApiError):
            assert_sound_error(state, reply)
        else:
            assert_sound(state)
            assert state.task_id == task_id


@given(REPLIES)
@example(ok(b'{"credits": ' + b"9" * 308 + b"}"))
@example(ok(b'{"credits": ' + b"9" * 4000 + b"}"))
def test_any_reply_to_account_is_an_account_or_an_api_error(reply: Reply) -> None:
    account = value_or_error(lambda: read_account(wire.ACCOUNT, reply))

    if isinstance(account, ApiError):
        assert_sound_error(account, reply)
    else:
        assert math.isfinite(account.credits)
        assert isinstance(account.total_images, int)
        assert account.slots in {None, 5, 10, 25}


@given(REPLIES)
@example(Reply(status=400, body=b'{"errors": ' + b"[" * 900 + b"]" * 900 + b"}"))
def test_any_refusal_is_an_api_error(reply: Reply) -> None:
    error = read_error(PAID, reply)

    assert_sound_error(error, reply)
    assert len(error.body) <= 330


@given(HEADERS, st.floats(0, 2e10))
def test_any_retry_after_is_a_wait_or_none(headers: dict[str, str], received_at: float) -> None:
    wait = retry_after(Reply(status=429, headers=headers, received_at=received_at))

    assert wait is None or 0.0 <= wait < math.inf


@given(chance.task_objects(), KINDS)
def test_a_task_object_of_any_shape_is_a_state_or_an_unreadable_reply(item: dict[str, object], kind: Kind) -> None:
    state = value_or_error(lambda: task_of({"task_id": "t"} | item, kind=kind))

    if isinstance(state, ApiError):
        assert type(state) is UnreadableReplyError
    else:
        assert_sound(state)
        assert state.kind is kind or kind is Result


def test_what_was_kept_of_a_task_is_read_as_it_was_told() -> None:
    body = {"task_id": "t", "status": "pending", "percentage": "5"}

    assert read_item(body) == task_of(body, kind=Result)
    with pytest.raises(UnreadableReplyError, match="it has no task_id"):
        read_item({"status": "pending"})


@given(st.dictionaries(st.text(max_size=5), chance.json_values(), max_size=3))
def test_whatever_the_service_adds_stays_reachable(added: dict[str, object]) -> None:
    body: dict[str, object] = added | {"task_id": "t", "status": "pending"}
    written = json.dumps(body)

    assert json.dumps(dict(task_of(written.encode()).raw)) == written
