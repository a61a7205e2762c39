"""Which node goes first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from journey_async.core.scheduling import Ready, generations


def parents() -> st.SearchStrategy[list[int | None]]:
    """Make forests: each place has none or an earlier one as its parent."""
    return st.lists(st.integers(0, 30), max_size=30).map(
        lambda numbers: [
            None if not place or number > place else number % place for place, number in enumerate(numbers)
        ]
    )


@given(parents())
def test_the_generations_below_a_node_are_its_longest_way_down(parents: list[int | None]) -> None:
    def longest(place: int) -> int:
        return max((1 + longest(child) for child, parent in enumerate(parents) if parent == place), default=0)

    assert generations(parents) == [longest(place) for place in range(len(parents))]


def test_the_longest_way_goes_first_and_else_who_was_drawn_first() -> None:
    ready = Ready([None, None, 1, None, 3, None])
    for place in (5, 3, 0, 1):
        ready.put(place)

    assert len(ready) == 4
    assert [ready.take() for _ in range(5)] == [1, 3, 0, 5, None]
    assert len(ready) == 0


@given(parents(), st.data())
def test_whoever_is_taken_has_the_longest_way_of_all_that_are_ready(
    parents: list[int | None], data: st.DataObject
) -> None:
    """Also when others become ready in between."""
    ready, below, waiting = Ready(parents), generations(parents), set[int]()
    for place in data.draw(st.permutations(range(len(parents)))):
        ready.put(place)
        waiting.add(place)
        if data.draw(st.booleans()):
            taken = ready.take()
            assert taken == min(waiting, key=lambda place: (-below[place], place))
            waiting.discard(taken)


def test_a_long_chain_is_no_matter() -> None:
    """No recursion."""
    chain = [None, *range(20_000)]

    assert generations(chain)[0] == 20_000
