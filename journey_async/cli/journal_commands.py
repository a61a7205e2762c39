"""`journey status` and `journey settle`: what a journal tells, and what becomes of a node in doubt."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import anyio
import typer

from journey_async.cli.complaints import CommandError, one_line
from journey_async.cli.connection import connected
from journey_async.cli.exit_codes import DONE, MISUSED
from journey_async.cli.interruption import interruptible
from journey_async.cli.outcome_texts import advice, command, exit_code_for, rows_as_lines, sums
from journey_async.cli.result_texts import json_line
from journey_async.cli.run_json import node_as_json, outcome_as_json
from journey_async.runs import read_journal
from journey_async.settling import Abandon, Adopt, Resubmit

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async.settling import Settlement


def status(journal: Path, *, as_json: bool) -> int:
    """Show what came of the runs of *journal* so far and give the exit code."""
    outcome = anyio.run(read_journal, journal, backend="asyncio")
    code = exit_code_for(outcome)
    if as_json:
        for row in outcome:
            typer.echo(json_line(node_as_json(row)))
        typer.echo(json_line(outcome_as_json(outcome, exit_code=code)))
        return code
    for line in (*rows_as_lines(outcome), sums(outcome), *advice(outcome, journal)):
        typer.echo(line)
    return code


def settlement_of(*, adopt: str | None, resubmit: bool, abandon: bool) -> Settlement:
    """Give the one decision that was typed. Raises `CommandError` for none and for several."""
    given: list[Settlement] = [] if adopt is None else [Adopt(adopt)]
    given += [Resubmit()] if resubmit else []
    given += [Abandon()] if abandon else []
    if len(given) != 1:
        raise CommandError("give exactly one of --adopt TASK, --resubmit and --abandon", exit_code=MISUSED)
    return given[0]


def settle(journal: Path, node: str, settlement: Settlement, *, key_file: Path | None) -> int:
    """Record in *journal* what becomes of *node* and give the exit code."""
    client = connected(key_file)

    async def work() -> int:
        async with client as journey:
            await journey.settle(journal, node, settlement)
        return DONE

    code = anyio.run(partial(interruptible, work, stopping=lambda: None), backend="asyncio")
    if code == DONE:
        typer.echo(f"node {one_line(node)} is settled; it takes effect with: {command('resume', journal)}")
    return code
