"""The benchmarks work, and the figures that are the same on every machine do not grow unseen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import postgres

FOLDER = Path(__file__).parents[2] / "benchmarks"


def told(name: str, *options: str) -> Any:
    """Run one of them in its short form, not slowed down by the measuring of coverage."""
    environment = {key: value for key, value in os.environ.items() if "COVERAGE" not in key}
    command = [sys.executable, str(FOLDER / f"{name}.py"), "--quick", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)  # noqa: S603 - ours
    return json.loads(done.stdout)


@cache
def rows(name: str) -> dict[str, dict[str, Any]]:
    """Run one of them, and give its rows by their headlines."""
    return {row["headline"]: row for row in told(name, "--json")}


@pytest.mark.parametrize("name", ["submitting", "receiving"])
def test_a_comparison_has_its_control_and_its_interval(name: str) -> None:
    for row in rows(name).values():
        measured = row["measured"]
        assert 0 < measured["low"] <= measured["value"] <= measured["high"]
        assert "control" in row["note"]


def test_asking_keeps_the_lag_and_costs_no_more_requests() -> None:
    found = rows("asking")

    def figure(headline: str) -> float:
        (row,) = (row for name, row in found.items() if name.startswith(headline))
        value: float = row["measured"]["value"]
        return value

    assert figure("requests/task, 1 in flight, warm") <= 8
    assert figure("requests/task, 20 in flight, warm") <= 3
    assert figure("requests/task, 100 in flight, warm") <= 0.9
    assert figure("requests/task, 1,000 in flight, warm") <= 0.45
    assert figure("requests in all, twenty tasks of five seconds") <= 6
    lags = {name: row["measured"]["value"] for name, row in found.items() if name.startswith("lag p99 / set lag")}
    assert len(lags) == 8
    assert max(lags.values()) <= 2


def test_every_curve_of_a_chart_has_points_and_no_run_takes_more_than_its_slots() -> None:
    charts = told("charts")

    assert set(charts) == {"asking", "slots", "memory"}
    assert all(len(point) == 2 for chart in charts.values() for points in chart.values() for point in points)
    assert all(10 <= max(in_flight for _, in_flight in points) <= 25 for points in charts["slots"].values())


def test_a_watched_task_takes_no_more_bytes() -> None:
    parked_by_nobody, awaited = (row["measured"]["value"] for row in rows("memory").values())

    assert parked_by_nobody <= 377
    assert awaited <= 1680


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="every Python has bytecodes of its own")
def test_a_submission_an_answer_and_a_webhook_take_no_more_steps() -> None:
    found = rows("instructions")

    def steps(headline: str) -> float:
        (row,) = (row for name, row in found.items() if name.startswith(headline))
        value: float = row["measured"]["value"]
        return value

    assert steps("steps of Python per submit") <= 1075
    assert steps("steps of Python per answer") <= 555
    assert steps("steps of Python per webhook") <= 1265


@pytest.mark.skipif(postgres.programs() is None, reason=postgres.MISSING)
def test_two_workers_of_a_cluster_carry_a_run_and_their_database_is_counted() -> None:
    found = {name: row["measured"]["value"] for name, row in rows("cluster").items()}

    assert 0 < found.pop("slots busy / possible, 2 workers, 25 slots") <= 1
    assert set(found) == {"transactions/node, 10 nodes", "rows written/node, 10 nodes"}
    assert found["transactions/node, 10 nodes"] > 1
    assert found["rows written/node, 10 nodes"] > 1
