"""The API key and webhook secrets stay where they belong, also through faults, journals and logs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from journey_async import Adopt, JourneyError, TaskGraph, read_journal
from tests.client.services import KEY
from tests.runs.trees import states

if TYPE_CHECKING:
    from pathlib import Path

    from tests.client.services import Service

SECRET = "whs_canary_webhook_secret"


def drawn() -> TaskGraph:
    graph = TaskGraph()
    for number in range(6):
        grid = graph.imagine(
            f"elk {number}" if number < 5 else "[sandbox:fail=no]",
            key=f"{number}",
            webhook_url="http://127.0.0.1:9/hook",
            webhook_secret=SECRET,
        )
        graph.upscale_1x(grid, index=1, webhook_url="http://127.0.0.1:9/hook", webhook_secret=SECRET)
    return graph


def stored(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_no_secret_is_in_a_journal_an_event_an_error_or_a_log(
    service: Service, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    journal = tmp_path / "elk.db"
    service.set_faults(
        [
            "lost-reply:imagine:1",
            "error-after-accept:imagine:1",
            "http-502:imagine:1",
            "http-429-bare:upscale-1x:2",
            # Whichever orders the others strike: these arrive in no order of ours.
            "task-failed:upscale-1x:1",
            "not-json:fetch-many:2",
        ]
    )
    told: list[object] = []
    async with service.client() as journey:
        async with journey.running(drawn(), journal=journal) as run:
            async for event in run:
                told += [event, repr(event), str(event)]
                # The log is in the file beside it for as long as the run is on its way.
                assert not any(canary.encode() in stored(tmp_path) for canary in (SECRET, KEY))
            outcome = run.outcome
            told += [repr(run), repr(outcome), outcome.spending]
        assert {"in doubt", "failed", "finished"} <= set(states(outcome).values())
        for row in outcome.in_doubt:
            told += [row.error.intent, row.error.__cause__]
        for failed in outcome.failed:
            told += [repr(failed.error), failed.error.__cause__]
        with pytest.raises(ExceptionGroup) as caught:
            outcome.raise_for_failures()
        told += [repr(caught.value), *caught.value.exceptions]
        with pytest.raises(JourneyError) as refused:
            await journey.resume(journal)
        told += [refused.value, journey]
        with pytest.raises(JourneyError) as wrong:
            await journey.settle(journal, outcome.in_doubt[0].node.key, Adopt("elk"))
        told.append(wrong.value)
    told += [repr(row) for row in await read_journal(journal)]
    everything = "\n".join(map(str, told)) + caplog.text
    assert SECRET not in everything
    assert KEY not in everything
    assert b"elk 0" in stored(tmp_path)
    assert not any(canary.encode() in stored(tmp_path) for canary in (SECRET, KEY))
