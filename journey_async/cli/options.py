"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer

SERVICE: Final = "Service"
RESULTS: Final = "Results"
TASKS: Final = "Tasks of the service"
GRAPHS: Final = "Graphs"
MACHINES: Final = "Several machines"
KNOWLEDGE: Final = "What there is"
TRIAL: Final = "Without an account"

KEY_FILE: Final = typer.Option(
    "--key-file", metavar="PATH", help="The file with the API key, instead of JOURNEY_API_KEY.", rich_help_panel=SERVICE
)
AS_JSON: Final = typer.Option("--json", help="Print one JSON object per line.", rich_help_panel=RESULTS)
DOWNLOAD: Final = typer.Option(
    "--download", metavar="DIR", help="Save the pictures or videos in this folder.", rich_help_panel=RESULTS
)
NAMED: Final = typer.Option(
    "--name",
    metavar="TEMPLATE",
    help="How files are named, from {prompt}, {task_id}, {action}, {key}, {n} and {ext}.",
    rich_help_panel=RESULTS,
)
SHEET: Final = typer.Option("--sheet", help="Save the 2x2 sheets of grids too.", rich_help_panel=RESULTS)
NO_WAIT: Final = typer.Option(
    "--no-wait", help="Print the task id as soon as the service has accepted, and leave.", rich_help_panel=RESULTS
)
JOURNAL: Final = typer.Argument(
    metavar="JOURNAL", help="The journal of a run: its file, or postgresql://HOST/DATABASE#RUN of a cluster."
)
BUDGET: Final = typer.Option(metavar="CREDITS", help="The most that all runs of the journal may cost.")
IN_FLIGHT: Final = typer.Option(metavar="N", help="Tasks at once, instead of what the plan allows.")

KeyFile: TypeAlias = Annotated[Path | None, KEY_FILE]
AsJson: TypeAlias = Annotated[bool, AS_JSON]
DownloadTo: TypeAlias = Annotated[Path | None, DOWNLOAD]
Named: TypeAlias = Annotated[str | None, NAMED]
NoWait: TypeAlias = Annotated[bool, NO_WAIT]
Sheet: TypeAlias = Annotated[bool, SHEET]
JournalOf: TypeAlias = Annotated[str, JOURNAL]
Budget: TypeAlias = Annotated[float | None, BUDGET]
InFlight: TypeAlias = Annotated[int | None, IN_FLIGHT]


def examples(*lines: str) -> str:
    """Put lines that can be copied below the help of a command."""
    title = "Example" if len(lines) == 1 else "Examples"
    return "\n\n".join((f"[bold]{title}[/bold]", "\n".join(f"  {line.replace('[', chr(92) + '[')}" for line in lines)))
