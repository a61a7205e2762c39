"""What can be typed about runs on several machines: worker, cluster init, cluster show, cluster pause."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from journey_async.cli.options import MACHINES, AsJson, KeyFile, examples

_Database = Annotated[
    str, typer.Argument(metavar="URL", help="The database: postgresql://USER@HOST/DATABASE.", show_default=False)
]


# The modules with the work need the extra `cluster`; reading the address first says in one line that it is missing.


def add_to(app: typer.Typer) -> None:
    """Add the commands about several machines to *app*."""
    lines = (
        "journey worker --cluster postgresql://journey@db/journey --name alpha",
        "journey worker --cluster postgresql://journey@db/journey --adopt beta",
        "journey worker --cluster postgresql://journey@db/journey --code shop.steps",
    )
    app.command(epilog=examples(*lines), rich_help_panel=MACHINES)(worker)
    made = typer.Typer(rich_markup_mode="rich")
    made.callback(invoke_without_command=True)(_cluster)
    for command, line in (
        (init, "journey cluster init postgresql://journey@db/journey"),
        (show, "journey cluster show postgresql://journey@db/journey"),
        (pause, "journey cluster pause 'postgresql://journey@db/journey#elk'"),
    ):
        made.command(epilog=examples(line))(command)
    everything = examples(
        "journey cluster init postgresql://journey@db/journey",
        "journey cluster show postgresql://journey@db/journey",
        "journey cluster pause 'postgresql://journey@db/journey#elk'",
    )
    app.add_typer(made, name="cluster", epilog=everything, rich_help_panel=MACHINES)


def worker(
    *,
    cluster: Annotated[
        str, typer.Option(metavar="URL", help="The database: postgresql://USER@HOST/DATABASE.", show_default=False)
    ],
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Its own among all workers; without it the name of the host.")
    ] = None,
    adopt: Annotated[
        list[str] | None,
        typer.Option("--adopt", metavar="NAME", help="Go on with what a dead worker had begun; repeatable."),
    ] = None,
    code: Annotated[
        list[str] | None,
        typer.Option("--code", metavar="MODULE", help="Let functions be called that stand in or below it; repeatable."),
    ] = None,
    download: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Save the files of finished nodes here, in a folder per run.")
    ] = None,
    key_file: KeyFile = None,
) -> int:
    """Carry the nodes of all runs of a cluster, until Ctrl-C or SIGTERM.

    Then it hands over what it had begun; a second signal leaves at once, and loses nothing either. What a worker had
    begun that was killed waits for a worker of its name, or for --adopt.
    """
    from journey_async.cli.worker import WorkerOrder, work

    order = WorkerOrder.of(cluster, name=name, adopt=adopt or (), code=code or (), download=download)
    return work(order, key_file=key_file)


def _cluster(context: typer.Context) -> None:
    """Prepare, show or pause what several machines share.

    Their database is PostgreSQL. A password may stand in PGPASSWORD or ~/.pgpass, as for psql.
    """
    if context.invoked_subcommand is None:
        context.get_help()


def init(database: _Database) -> int:
    """Prepare a database for runs and workers; what is there already stays."""
    from journey_async.cli.journals import database_of

    cluster = database_of(database)
    from journey_async.cli.cluster_work import prepare

    return prepare(cluster)


def show(database: _Database, *, as_json: AsJson = False) -> int:
    """List the runs, the number of slots, and who holds them."""
    from journey_async.cli.journals import database_of

    cluster = database_of(database)
    from journey_async.cli.cluster_work import show_all

    return show_all(cluster, as_json=as_json)


def pause(
    run: Annotated[str, typer.Argument(metavar="URL#RUN", help="The run: postgresql://USER@HOST/DATABASE#RUN.")],
) -> int:
    """Let nothing more of a run be sent, until `journey resume`; what is on its way goes on."""
    from journey_async.cli.journals import run_of

    cluster = run_of(run)
    from journey_async.cli.cluster_work import pause_run

    return pause_run(cluster)
