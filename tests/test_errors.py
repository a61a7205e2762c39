"""The tree of errors, and what each of them keeps and says."""

from __future__ import annotations

import copy
import pickle
import re
from typing import TYPE_CHECKING

import pytest

import journey_async
from journey_async import errors
from journey_async.errors import (
    BODY_SHOWN,
    ApiError,
    AuthenticationError,
    BadRequestError,
    ClientNotOpenError,
    ConfigurationError,
    ConnectionFailedError,
    DownloadError,
    Fault,
    FileFault,
    GraphFileError,
    IllegalParentError,
    InsufficientCreditsError,
    InvalidRequestError,
    JournalBusyError,
    JournalError,
    JourneyError,
    NoReplyError,
    NoResultError,
    RateLimitError,
    ReplyLostError,
    ServerError,
    SubmissionInDoubtError,
    TaskFailedError,
    TaskNotFoundError,
    UnaffordableError,
    UnreadableReplyError,
)
from journey_async.intent import Intent

if TYPE_CHECKING:
    from collections.abc import Callable

FAULT = Fault(argument="direction", value="west", message="direction is unknown: use up, down, left, right")
INTENT = Intent(id="i-1", action="pan", parent="t-1", path="/pan", body={"direction": "up"})


def api(kind: type[ApiError], status: int, *, paid: bool = True) -> ApiError:
    return kind(
        f"POST /pan: {status}: no",
        method="POST",
        path="/pan",
        status=status,
        body='{"errors": [{"msg": "no"}]}',
        messages=["no"],
        retry_after=1.5,
        paid=paid,
        task_id="t-1",
    )


def unheard(kind: type[NoReplyError], *, paid: bool = True) -> NoReplyError:
    return kind("POST /pan: silence", method="POST", path="/pan", paid=paid, task_id="t-1")


EXAMPLES: list[JourneyError] = [
    JourneyError("something went wrong", task_id="t-1"),
    ConfigurationError("api_key is missing"),
    ClientNotOpenError("the client is not open"),
    InvalidRequestError("pan", [FAULT], task_id="t-1"),
    IllegalParentError(
        "pan", rule="pan", parent="t-1", kind="a grid", needs="a picture", remedy="Upscale it.", faults=[FAULT]
    ),
    GraphFileError("elk.toml", [FileFault(argument="index", value=7, message="index is wrong", node="tile", row=2)]),
    unheard(NoReplyError),
    unheard(ConnectionFailedError),
    unheard(ReplyLostError),
    api(ApiError, 403),
    api(BadRequestError, 400),
    api(AuthenticationError, 401),
    api(InsufficientCreditsError, 402),
    api(RateLimitError, 429),
    api(ServerError, 503),
    api(UnreadableReplyError, 200),
    TaskNotFoundError("task t-1 is not known to the service", task_id="t-1"),
    TaskFailedError(task_id="t-1", action="pan", reason="Content policy violation"),
    SubmissionInDoubtError(INTENT, why="the connection broke"),
    UnaffordableError("the budget is 40 credits, and what is left to send costs 44", needed=44, available=40),
    NoResultError("node tile was left out: a node above it failed"),
    DownloadError(
        "task t-1, file 1 was not downloaded: 404", url="https://cdn.test/0.png", status=404, n="1", task_id="t-1"
    ),
    JournalError("elk.db", "the disk is full", unwritten=["accepted t-1"]),
    JournalBusyError("elk.db", "it is being written", holder="process 7 on elk"),
]
EACH = pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
EXCHANGES: list[Callable[[bool], NoReplyError | ApiError]] = [
    lambda paid: unheard(ConnectionFailedError, paid=paid),
    lambda paid: unheard(ReplyLostError, paid=paid),
    lambda paid: api(BadRequestError, 400, paid=paid),
    lambda paid: api(AuthenticationError, 401, paid=paid),
    lambda paid: api(InsufficientCreditsError, 402, paid=paid),
    lambda paid: api(RateLimitError, 429, paid=paid),
    lambda paid: api(ServerError, 500, paid=paid),
    lambda paid: api(UnreadableReplyError, 200, paid=paid),
]


def public_errors() -> set[str]:
    return {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, JourneyError) and not name.startswith("_")
    }


def drawn() -> dict[str, tuple[str | None, str]]:
    """Read the tree in the module's docstring: each class with its parent, and what it says about credits."""
    tree: dict[str, tuple[str | None, str]] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.fullmatch(r"    ([│├└─ ]*)(\w+Error)\b *(.*)", line)
        if found is None:
            continue
        depth = len(found[1]) // 4
        del above[depth:]
        tree[found[2]] = (above[-1] if above else None, re.split(r" {2,}", found[3])[-1])
        above.append(found[2])
    return tree


def parent(kind: type[JourneyError]) -> str | None:
    """Give the nearest public ancestor among the errors."""
    ancestors = (base for base in kind.__mro__[1:] if issubclass(base, JourneyError))
    return next((base.__name__ for base in ancestors if not base.__name__.startswith("_")), None)


# --- the tree


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    kinds = [type(error) for error in EXAMPLES]

    assert {name: above for name, (above, _) in drawn().items()} == {kind.__name__: parent(kind) for kind in kinds}


def test_every_error_has_an_example_here() -> None:
    assert {type(error).__name__ for error in EXAMPLES} == public_errors()


def test_every_error_is_exported_from_its_module_and_from_the_package() -> None:
    assert set(errors.__all__) == public_errors() | {"Fault", "FileFault"}
    assert set(journey_async.__all__) >= set(errors.__all__)
    assert {name: getattr(journey_async, name) for name in errors.__all__} == {
        name: getattr(errors, name) for name in errors.__all__
    }


def test_errors_of_a_callers_making_are_the_built_in_ones_too() -> None:
    assert issubclass(ConfigurationError, ValueError)
    assert issubclass(InvalidRequestError, ValueError)
    assert issubclass(ClientNotOpenError, RuntimeError)


# --- credits

MEANINGS: dict[str, tuple[bool, bool]] = {  # as drawn: on a free request, on a paid one
    "nothing sent": (False, False),
    "no credits moved": (False, False),
    "402": (False, False),
    "depends": (False, True),
    "taken, given back": (True, True),
    "may have moved": (True, True),
    "if records are lost": (False, True),
}


@EACH
def test_every_error_says_about_credits_what_the_tree_says(error: JourneyError) -> None:
    said = drawn()[type(error).__name__][1]
    if said not in MEANINGS:
        assert type(error) in {JourneyError, NoReplyError, ApiError}, said
        return
    assert error.credits_may_have_moved is MEANINGS[said][1]


@pytest.mark.parametrize("make", EXCHANGES, ids=lambda make: type(make(True)).__name__)
def test_a_free_request_never_moves_credits(make: Callable[[bool], NoReplyError | ApiError]) -> None:
    assert make(False).credits_may_have_moved is False
    assert make(False).paid is False


@pytest.mark.parametrize("make", EXCHANGES, ids=lambda make: type(make(True)).__name__)
def test_a_paid_request_may_have_moved_credits_where_its_fate_is_unknown(
    make: Callable[[bool], NoReplyError | ApiError],
) -> None:
    error = make(True)

    assert error.credits_may_have_moved is isinstance(error, (ReplyLostError, ServerError, UnreadableReplyError))


@EACH
def test_only_what_may_go_away_by_itself_is_transient(error: JourneyError) -> None:
    passing = (NoReplyError, RateLimitError, ServerError, UnreadableReplyError)

    assert error.transient is isinstance(error, passing)


# --- what is kept


def copied(error: JourneyError) -> JourneyError:
    return copy.copy(error)


def copied_deep(error: JourneyError) -> JourneyError:
    return copy.deepcopy(error)


def pickled(error: JourneyError) -> JourneyError:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - made here
    assert isinstance(again, JourneyError)
    return again


@EACH
@pytest.mark.parametrize("again", [copied, copied_deep, pickled])
def test_a_copy_keeps_everything(error: JourneyError, again: Callable[[JourneyError], JourneyError]) -> None:
    error = copied(error)
    error.add_note("seen by a test")
    other = again(error)

    assert other is not error
    assert type(other) is type(error)
    assert str(other) == str(error)
    assert (other.args, vars(other)) == (error.args, vars(error))
    assert vars(other)["__notes__"] == ["seen by a test"]


@EACH
def test_a_note_on_one_copy_is_neither_on_the_error_nor_on_another_copy(error: JourneyError) -> None:
    first, second = copied(error), copied(error)
    first.add_note("mine")
    second.add_note("yours")

    assert [vars(each).get("__notes__") for each in (error, first, second)] == [None, ["mine"], ["yours"]]


def test_an_error_of_the_service_keeps_what_was_asked_and_what_came() -> None:
    error = api(RateLimitError, 429)

    assert (error.method, error.path, error.status, error.paid) == ("POST", "/pan", 429, True)
    assert (error.body, error.messages, error.retry_after) == ('{"errors": [{"msg": "no"}]}', ("no",), 1.5)
    assert error.task_id == "t-1"


@pytest.mark.parametrize("length", [0, 1, BODY_SHOWN])
def test_a_short_body_is_kept_whole(length: int) -> None:
    error = ApiError("no", method="POST", path="/pan", status=403, body="x" * length)

    assert error.body == "x" * length


@pytest.mark.parametrize("length", [BODY_SHOWN + 1, 1_000_000])
def test_a_long_body_is_shortened(length: int) -> None:
    error = ApiError("no", method="POST", path="/pan", status=403, body="x" * length)

    assert error.body == "x" * BODY_SHOWN + f"… ({length} characters)"


# --- what is said


@EACH
def test_no_message_is_empty_and_the_text_of_an_error_is_its_message(error: JourneyError) -> None:
    assert error.message.strip()
    assert str(error) == error.message


def test_one_fault_is_told_in_one_sentence_and_several_in_a_list() -> None:
    one = InvalidRequestError("pan", [FAULT])
    two = InvalidRequestError(
        "pan", [FAULT, Fault(argument="parent", value=None, message="parent_task_id is required")]
    )

    assert str(one) == (
        "pan: direction is unknown: use up, down, left, right (got direction='west'). Nothing was sent."
    )
    assert str(two) == (
        "pan: 2 faults, nothing was sent:\n"
        "  - direction is unknown: use up, down, left, right (got direction='west')\n"
        "  - parent_task_id is required (got parent=None)"
    )
    assert two.faults[0] == FAULT


def test_a_long_value_is_shown_shortened_in_a_fault() -> None:
    fault = Fault(argument="prompt", value="x" * 1000, message="prompt is too long")

    assert str(fault) == f"prompt is too long (got prompt='{'x' * 37}...{'x' * 38}')"


def test_the_value_of_a_fault_is_not_in_its_repr() -> None:
    assert "west" not in repr(FAULT)


def test_a_failed_task_says_which_and_why() -> None:
    error = TaskFailedError(task_id="t-1", action="pan", reason="Content policy violation")

    assert str(error) == "pan task t-1 failed: Content policy violation"
    assert (error.task_id, error.action, error.reason) == ("t-1", "pan", "Content policy violation")


def test_a_submission_in_doubt_says_what_was_asked_what_broke_and_what_to_do() -> None:
    error = SubmissionInDoubtError(INTENT, why="the connection broke")

    assert str(error) == (
        "pan may or may not have been accepted (intent i-1): the connection broke. "
        "It was sent once and is not repeated, because a repetition could be charged again. "
        "Compare the account's credits, then decide whether to submit it anew."
    )
    assert (error.intent, error.why) == (INTENT, "the connection broke")


def test_an_intent_does_not_show_its_body() -> None:
    assert repr(INTENT) == "Intent(id='i-1', action='pan', parent='t-1', path='/pan')"
