"""Prompts in, pictures and a report out; stopped at any moment, it goes on where it was and buys nothing twice.

    python examples/batch.py animals.csv --budget 100

The file has a column `prompt` and, if you like, `name`. Beside it come the journal animals.db, the pictures in the
folder animals, and the report animals.md. It exits with 0 when every picture is there, with 1 when not, and with 130
after Ctrl-C. `journey sandbox` tries it without spending a credit: set JOURNEY_BASE_URL and JOURNEY_API_KEY as it says.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

from journey_async import (
    JourneyClient,
    JourneyError,
    NodeFailed,
    NodeFinished,
    NodeInDoubt,
    NodeSkipped,
    NodeSubmitted,
    NodeWaiting,
    Outcome,
    Picture,
    RunPlanned,
    RunWaiting,
    TaskGraph,
)

if TYPE_CHECKING:
    from journey_async import Event, Row


def drawn(rows: Path) -> TaskGraph:
    """A grid for each row, and the first of its four pictures."""
    template = TaskGraph()
    grid = template.imagine("{prompt}", key="grid")
    template.upscale_1x(grid, index=1, key="picture")
    return TaskGraph.from_rows(rows, template)


async def made(graph: TaskGraph, rows: Path, budget: float | None) -> tuple[Outcome, dict[str, Path]]:
    """Run the graph; give what came of it, and where the pictures are by the key of their node."""
    async with JourneyClient() as journey:
        async with journey.running(graph, journal=rows.with_suffix(".db"), budget=budget) as events:
            async for event in events:
                tell(event)
        pictures = [row for row in events.outcome.finished if isinstance(row.result, Picture)]
        paths = await journey.download(pictures, rows.with_suffix(""), name="{key}.{ext}")
        return events.outcome, dict(zip((row.node.key for row in pictures), paths, strict=True))


def tell(event: Event) -> None:
    match event:
        case RunPlanned():
            print(f"{event.to_send} of {event.nodes} nodes to send for {event.credits} credits", flush=True)
        case NodeFinished(earlier=False) | NodeFailed(earlier=False) | NodeInDoubt():
            print(f"{event.node.key}: {event.state}", flush=True)
        case RunWaiting():
            print(f"waiting for the service: {event.error}", flush=True)
        case _:
            pass


def report(outcome: Outcome, paths: dict[str, Path]) -> str:
    """A table in Markdown."""
    lines = ["| node | state | credits | |", "|---|---|---|---|"]
    for row in outcome:
        cells = (row.node.key, row.state, str(row.node.credits), remark(row, paths))
        lines.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    spending = outcome.spending
    lines += ["", f"{spending.spent} credits spent, {spending.in_doubt} in doubt."]
    if outcome.paused is not None:
        lines.append(f"Paused: {outcome.paused}")
    return "\n".join(lines) + "\n"


def remark(row: Row | NodeFinished[Any], paths: dict[str, Path]) -> str:
    match row:
        case NodeFinished():
            return str(paths.get(row.node.key, ""))
        case NodeFailed() | NodeInDoubt():
            return " ".join(str(row.error).split())
        case NodeSkipped():
            return row.why
        case NodeSubmitted():
            return f"task {row.task_id}"
        case NodeWaiting():
            return "" if row.held_by is None else f"waits for {row.held_by.key}"


def main() -> int:
    parser = argparse.ArgumentParser(description="Make a picture for each row of a CSV file.")
    parser.add_argument("rows", type=Path, help="a CSV file with a column prompt")
    parser.add_argument("--budget", type=float, help="credits that all runs together may cost")
    asked = parser.parse_args()
    try:
        outcome, paths = anyio.run(made, drawn(asked.rows), asked.rows, asked.budget)
    except JourneyError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped: run it again to go on", file=sys.stderr)
        return 130
    asked.rows.with_suffix(".md").write_text(report(outcome, paths), encoding="utf-8")
    print(outcome)
    return 0 if outcome.complete else 1


if __name__ == "__main__":
    sys.exit(main())
