"""What is kept of a state: less than the state, and all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async.core.glimpse import Glimpse, compact
from journey_async.core.kinds import ImagineGrid
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
