"""`journey gallery`: a run as a page, written once or for as long as the run goes on."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from journey_async.cli.complaints import one_line
from journey_async.cli.exit_codes import DONE, TASKS_FAILED
from journey_async.cli.options import GRAPHS, JournalOf, examples

if TYPE_CHECKING:
    from journey_async.cluster.address import Cluster
    from journey_async.gallery import Written

SHOWN: Final = 5
"""How many reasons for missing pictures are told."""


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""
    lines = ("journey gallery elk.db -o site", "journey gallery elk.db -o site --watch")
    app.command(epilog=examples(*lines), rich_help_panel=GRAPHS)(gallery)


def gallery(
    journal: JournalOf,
    *,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="The folder for the page and its pictures.")
    ] = Path("gallery"),
    watch: Annotated[
        bool, typer.Option("--watch", help="Write it anew while the run goes on; an open page follows.")
    ] = False,
) -> int:
    """Write a page that shows a run: its tree of pictures, what they cost, and when the plan's slots were in use.

    The page opens from the file system. The journal is only read, and nothing is bought.
    """
    import anyio

    from journey_async.cli.interruption import interruptible
    from journey_async.cli.journals import journal_of

    work = partial(_follow if watch else _write, journal_of(journal), out)
    return anyio.run(partial(interruptible, work, stopping=lambda: None), backend="asyncio")


async def _write(journal: Path | Cluster, out: Path) -> int:
    from journey_async.gallery import write_gallery

    written = await write_gallery(journal, out)
    return _report(written)


async def _follow(journal: Path | Cluster, out: Path) -> int:
    from journey_async.gallery import watch_gallery

    opened = False

    def tell(written: Written) -> None:
        nonlocal opened
        if not opened:
            opened = True
            typer.echo(f"{written.page} follows the run; Ctrl-C ends that")

    return _report(await watch_gallery(journal, out, tell=tell))


def _report(written: Written) -> int:
    """Say what was written and give the exit code: pictures that are missing count as files that were not saved."""
    nodes, files = len(written.outcome), written.pictures
    typer.echo(
        f"{written.page}: {nodes} {'node' if nodes == 1 else 'nodes'}, {files} {'file' if files == 1 else 'files'}"
    )
    reasons = dict.fromkeys(written.failures)
    for why in list(reasons)[:SHOWN]:
        count = sum(1 for each in written.failures if each == why)
        typer.echo(f"{count} not fetched: {one_line(why)}", err=True)
    return TASKS_FAILED if written.failures else DONE
