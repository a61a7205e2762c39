"""What is kept of a state: less than the state, and all of it."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journey_async.core.glimpse import Glimpse, compact, glimpse_of
from journey_async.core.kinds import ImagineGrid, Result
from journey_async.core.reading import read_item
from journey_async.core.tasks import Finished

if TYPE_CHECKING:
    from collections.abc import Mapping

TOLD = st.one_of(st.integers(-3, 130), st.integers(-3, 130).map(str), st.sampled_from(["", " ", "007", "5%", "x"]))
ITEMS = (
    st.dictionaries(st.sampled_from(["task_type", "model", "percentage", "more"]), TOLD)
    .map(lambda told: {"task_id": "t", "status": "processing"} | told)
    .flatmap(lambda told: st.permutations(list(told.items())))
    .map(dict)
)


@given(ITEMS)
def test_a_state_is_given_again_as_it_was_with_its_reply_to_the_letter(item: Mapping[str, object]) -> None:
    state = read_item(item, kind=ImagineGrid)

    kept = compact(state)
    again = kept.of("t") if isinstance(kept, Glimpse) else kept

    assert again == state
    assert list(again.raw.items()) == list(item.items())
    assert [type(value) for value in again.raw.values()] == [type(value) for value in item.values()]


@pytest.mark.parametrize(
    "told",
    [
        {"status": "processing", "percentage": "45"},
        {"task_type": "imagine", "model": "midjourney", "status": "processing", "percentage": "45"},
    ],
)
def test_of_tasks_that_are_as_far_the_same_is_kept(told: Mapping[str, object]) -> None:
    first, second = (compact(read_item({"task_id": name, **told})) for name in ("t1", "t2"))

    assert first is second


def test_what_is_known_of_a_task_that_has_ended_is_kept_as_it_is() -> None:
    state = read_item({"task_id": "t", "status": "finished", "image_url": "u"})

    assert isinstance(state, Finished)
    assert compact(state) is state


FIELDS = st.one_of(
    TOLD,
    st.sampled_from(["imagine", "midjourney", "finished", "Failed", "processing", "100", "101", True, 1.0, None]),
    st.just(["processing"]),
)
USUAL = st.dictionaries(st.sampled_from(["status", "task_type", "model", "percentage", "image_url"]), FIELDS)


@given(USUAL, st.sampled_from([Result, ImagineGrid]))
@example({"status": "processing", "percentage": "35"}, ImagineGrid)
@example({"status": "failed", "percentage": "35"}, ImagineGrid)
@example({"percentage": "35"}, ImagineGrid)
def test_what_is_usually_told_gives_what_would_be_kept_of_its_state(
    told: Mapping[str, object], kind: type[Result]
) -> None:
    item = {"task_id": "t", **told}

    glimpse = glimpse_of(item, "t", kind)

    if glimpse is not None:
        assert glimpse is compact(read_item(item, kind=kind))
    usual = told.keys() <= {"status", "percentage"} and told.get("status") == "processing"
    assert glimpse is not None or not (usual and told.get("percentage", "100") == "100")


def test_what_is_told_in_another_way_is_left_to_those_who_read_states() -> None:
    assert glimpse_of({"status": "processing", "task_id": "t"}, "t", ImagineGrid) is None
    assert glimpse_of({"task_id": 5, "status": "processing"}, "5", ImagineGrid) is None
    assert glimpse_of({"task_id": "t", "status": "processing", "error": "late"}, "t", ImagineGrid) is None
    assert glimpse_of({"task_id": "t", "status": "finished"}, "t", ImagineGrid) is None
    assert glimpse_of({"task_id": "t", "status": " "}, "t", ImagineGrid) is None
    assert glimpse_of({"task_id": "t", "status": "processing", "percentage": "5%"}, "t", ImagineGrid) is None
    assert glimpse_of({"task_id": "t", "status": "processing", "model": ["m"]}, "t", ImagineGrid) is None


def test_however_different_replies_are_only_some_thousand_are_kept() -> None:
    for number in range(20_000):
        assert glimpse_of({"task_id": "t", "status": f"step {number}"}, "t", ImagineGrid) is not None

    assert sum(type(kept) is Glimpse for kept in gc.get_objects()) <= 2 * 4096


def test_of_what_is_told_in_another_way_nothing_is_kept() -> None:
    """Whatever was found before: a reply that differs in one field is read as a whole."""
    usual = {"task_id": "t", "status": "processing", "percentage": "35"}

    assert glimpse_of(usual, "t", ImagineGrid) is glimpse_of(usual, "t", ImagineGrid)
    assert glimpse_of({**usual, "error": "late"}, "t", ImagineGrid) is None
    assert glimpse_of(usual, "another", ImagineGrid) is None
    assert glimpse_of({**usual, "percentage": 35}, "t", ImagineGrid) is None
