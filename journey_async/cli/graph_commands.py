"""What can be typed about graphs: run, resume, status, settle, plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from journey_async.cli.options import (
    GRAPHS,
    MACHINES,
    AsJson,
    Budget,
    DownloadTo,
    InFlight,
    JournalOf,
    KeyFile,
    Named,
    Sheet,
    examples,
)

_Input = Annotated[Path, typer.Argument(metavar="FILE", help="A graph (.toml, .json) or rows (.csv, .jsonl).")]
_Template = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The graph that is made for each row, its {column}s filled in.")
]
_Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Let workers carry it, and follow them: postgresql://USER@HOST/DATABASE.",
        rich_help_panel=MACHINES,
    ),
]
_Run = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The run's name in the database; without it FILE.", rich_help_panel=MACHINES),
]
_After = Annotated[
    str | None,
    typer.Option(
        metavar="PATH",
        help="package.module:function, which workers call after each finished node.",
        rich_help_panel=MACHINES,
    ),
]
_JSON_EVENTS: Final = """\
[bold]--json[/bold]

Each object has "event": planned, submitted, progressed, finished, failed, skipped, in doubt, waiting, paused, resumed,
saved, not saved, and outcome at the end. Those about a node have "node", "action", "credits" and "task_id".
"""


def add_to(app: typer.Typer) -> None:
    """Add the commands about graphs to *app*."""
    commands = (
        (
            run,
            (
                "journey run elk.toml --budget 60 --download out",
                "journey run animals.csv --template animal.toml --journal animals.db",
                "journey run elk.toml --json | jq -r 'select(.event == \"failed\").node'",
                "journey run elk.toml --cluster postgresql://journey@db/journey",
            ),
        ),
        (
            resume,
            (
                "journey resume elk.db",
                "journey resume elk.db --budget 90 --download out",
                "journey resume 'postgresql://journey@db/journey#elk'",
            ),
        ),
        (status, ("journey status elk.db", "journey status elk.db --json | jq -r .task_id")),
        (
            settle,
            (
                "journey settle elk.db elk/pan --adopt 772a0622-a41d-63f6-c938-668877662222",
                "journey settle elk.db elk/pan --abandon",
            ),
        ),
        (plan, ("journey plan elk.toml", "journey plan animals.csv --template animal.toml --mermaid")),
    )
    for command, lines in commands:
        epilog = examples(*lines)
        if command in {run, resume}:
            epilog = f"{epilog}\n\n{_JSON_EVENTS}"
        app.command(epilog=epilog, rich_help_panel=GRAPHS)(command)


def run(
    file: _Input,
    *,
    template: _Template = None,
    journal: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What was bought is kept here; without it in FILE.db.")
    ] = None,
    budget: Budget = None,
    in_flight: InFlight = None,
    cluster: _Cluster = None,
    run: _Run = None,
    after: _After = None,
    download: DownloadTo = None,
    name: Named = None,
    sheet: Sheet = False,
    as_json: AsJson = False,
    key_file: KeyFile = None,
) -> int:
    """Run a graph: each node as soon as its parent has finished, as many at once as the plan allows.

    What was bought is in the journal: the same command goes on where the last one stopped, and buys nothing twice.
    Ctrl-C stops submitting and says how to resume; a second one leaves at once and still loses nothing.

    With --cluster workers carry the run, see `journey worker`; Ctrl-C then ends following it, and nothing else.
    """
    from journey_async.cli.graph_input import chosen_journal, load
    from journey_async.cli.graph_run import RunOrder, run_graph
    from journey_async.cli.saving import DEFAULT_RUN_NAME, Saving

    order = RunOrder(
        graph=load(file, template),
        journal=chosen_journal(file, journal, cluster=cluster, run=run, after=after),
        budget=budget,
        in_flight=in_flight,
        saving=Saving.of(download, name=name, sheet=sheet, default=DEFAULT_RUN_NAME),
        as_json=as_json,
    )
    return run_graph(order, key_file=key_file)


def resume(
    journal: JournalOf,
    *,
    budget: Budget = None,
    in_flight: InFlight = None,
    download: DownloadTo = None,
    name: Named = None,
    sheet: Sheet = False,
    as_json: AsJson = False,
    key_file: KeyFile = None,
) -> int:
    """Go on with the graph that a journal holds; what was bought is followed and not bought again.

    A run of a cluster is followed; if it was paused, its workers go on.
    """
    from journey_async.cli.graph_run import RunOrder, run_graph
    from journey_async.cli.journals import journal_of
    from journey_async.cli.saving import DEFAULT_RUN_NAME, Saving

    order = RunOrder(
        journal=journal_of(journal),
        budget=budget,
        in_flight=in_flight,
        saving=Saving.of(download, name=name, sheet=sheet, default=DEFAULT_RUN_NAME),
        as_json=as_json,
    )
    return run_graph(order, key_file=key_file)


def status(journal: JournalOf, *, as_json: AsJson = False) -> int:
    """Tell what came of a journal's runs so far, also while one is on its way; nothing is sent.

    The exit code is that of the run: 3 if tasks failed, 4 if one is in doubt; 0 also if it is not over.
    """
    from journey_async.cli.journal_commands import status as show
    from journey_async.cli.journals import journal_of

    return show(journal_of(journal), as_json=as_json)


def settle(
    journal: JournalOf,
    node: Annotated[str, typer.Argument(metavar="NODE", help="The key of the node.")],
    *,
    adopt: Annotated[
        str | None, typer.Option(metavar="TASK", help="It was accepted, and this is its task's id.")
    ] = None,
    resubmit: Annotated[bool, typer.Option("--resubmit", help="Send it again, which costs again.")] = False,
    abandon: Annotated[bool, typer.Option("--abandon", help="Give it up, with all that is below it.")] = False,
    key_file: KeyFile = None,
) -> int:
    """Decide what becomes of a node in doubt; the next run of the journal acts on it.

    A failed node can be sent again, too. Of a cluster the workers act on it at once.
    """
    from journey_async.cli.journal_commands import settle as decide
    from journey_async.cli.journal_commands import settlement_of
    from journey_async.cli.journals import journal_of

    settlement = settlement_of(adopt=adopt, resubmit=resubmit, abandon=abandon)
    return decide(journal_of(journal), node, settlement, key_file=key_file)


def plan(
    file: _Input,
    *,
    template: _Template = None,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Draw it as a mermaid flowchart.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check a graph, price it and draw it; nothing is sent. The exit code is 1 if it is illegal."""
    from journey_async.cli.graph_input import load
    from journey_async.cli.plan import show_plan

    show_plan(load(file, template), file, mermaid=mermaid, as_json=as_json)
