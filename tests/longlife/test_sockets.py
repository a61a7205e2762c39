"""A client that buys thousands of pictures over sockets gives back all that it opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.longlife.sockets import CONNECTIONS, OPTIONS, a_life

if TYPE_CHECKING:
    from journey_async.testing import RunningSandbox


pytestmark = pytest.mark.journey_sandbox(**OPTIONS)


async def test_no_socket_no_file_and_no_task_is_left(journey_sandbox: RunningSandbox) -> None:
    """Not while it is open, beyond the connections that it may keep, and nothing at all after its end."""
    before, *rounds, after = await a_life(journey_sandbox, rounds=4, tasks=750)
    assert [one.accepted > 700 * number for number, one in enumerate(rounds, 1)] == [True] * 4
    # Both ends of a connection are in this process.
    assert max(one.descriptors for one in rounds) <= before.descriptors + 2 * CONNECTIONS
    assert [one.tasks for one in rounds] == [before.tasks] * 4
    assert (after.descriptors, after.tasks) == (before.descriptors, before.tasks)
