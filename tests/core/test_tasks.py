"""States of tasks, and the account."""

from __future__ import annotations

import pytest

from journey_async.core.kinds import UpscaledPicture
from journey_async.core.tasks import Account, Failed, Finished, TaskState, Unfinished

PICTURE = UpscaledPicture(task_id="t", image_url="u", raw={"task_id": "t", "image_url": "u"})


def test_an_unfinished_task_is_not_done_and_the_other_two_are() -> None:
    states: list[TaskState[UpscaledPicture]] = [
        Unfinished(task_id="t", status="finished?"),
        Failed(task_id="t", error="no"),
        Finished(result=PICTURE),
    ]

    assert [state.done for state in states] == [False, True, True]
    assert [state.status for state in states] == ["finished?", "failed", "finished"]


def test_a_finished_state_tells_what_its_result_tells() -> None:
    state = Finished(result=PICTURE)

    assert (state.task_id, state.kind, state.percentage) == ("t", UpscaledPicture, 100)
    assert state.raw == {"task_id": "t", "image_url": "u"}


@pytest.mark.parametrize(
    ("plan", "slots"),
    [("basic", 5), ("starter", 10), ("Starter", 10), ("growth", 25), ("enterprise", None), ("Hobby", None), ("", None)],
)
def test_the_slots_of_an_account_are_those_of_its_plan(plan: str, slots: int | None) -> None:
    assert Account(email="", credits=1, total_images=0, plan=plan).slots == slots


def test_the_email_of_an_account_is_not_shown() -> None:
    assert "a@b.c" not in repr(Account(email="a@b.c", credits=1, total_images=0, plan="basic", raw={"email": "a@b.c"}))


def test_no_state_shows_the_whole_reply() -> None:
    """It may quote a prompt or hold a signed link."""
    raw = {"secret": 1}
    states = (Unfinished(task_id="t", status="pending", raw=raw), Failed(task_id="t", error="no", raw=raw))

    assert [state for state in states if "secret" in repr(state)] == []
