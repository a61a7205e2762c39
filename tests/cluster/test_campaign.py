"""A short campaign against workers and database; the long one is `python -m tests.cluster.campaign`."""

from __future__ import annotations

import pytest

from tests.cluster import postgres
from tests.cluster.campaign import Plan, campaign


@pytest.mark.skipif(postgres.programs() is None, reason=postgres.MISSING)
async def test_nothing_is_paid_twice_or_lost_while_workers_and_the_database_die() -> None:
    report = await campaign(Plan(seed=5, nodes=30, workers=2, kills=5, restarts=1, seconds=0.8))
    told = "\n".join(report.lines())
    assert (report.charged_twice, report.unknown) == (0, 0), told
    assert report.most_at_once <= report.plan.slots, told
    assert report.kills == 5, told
    assert set(report.states) <= {"finished", "in doubt", "waiting"}, told
