"""What can be asked free of charge: fetch, account, models, rules."""

from __future__ import annotations

from typing import Annotated

import typer

from journey_async.cli.options import KNOWLEDGE, TASKS, AsJson, DownloadTo, KeyFile, Named, Sheet, examples

_Mermaid = Annotated[bool, typer.Option("--mermaid", help="Draw them as a mermaid flowchart.")]
_OpenApi = Annotated[bool, typer.Option("--openapi", help="Describe the whole service as OpenAPI 3.1, in JSON.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands that cost nothing to *app*."""
    about_tasks = examples("journey fetch TASK", "journey fetch TASK TASK --wait --download out")
    app.command(epilog=about_tasks, rich_help_panel=TASKS)(fetch)
    app.command(epilog=examples("journey account --json"), rich_help_panel=KNOWLEDGE)(account)
    app.command(epilog=examples("journey models", "journey models | grep sync"), rich_help_panel=KNOWLEDGE)(models)
    app.command(epilog=examples("journey rules", "journey rules --mermaid"), rich_help_panel=KNOWLEDGE)(rules)


def fetch(
    tasks: Annotated[list[str], typer.Argument(metavar="TASK", help="The ids of the tasks.")],
    *,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until all of them have ended.")] = False,
    download: DownloadTo = None,
    name: Named = None,
    sheet: Sheet = False,
    as_json: AsJson = False,
    key_file: KeyFile = None,
) -> int:
    """Tell how tasks are doing, free of charge."""
    from journey_async.cli.fetching import fetch as ask
    from journey_async.cli.saving import Saving

    saving = Saving.of(download, name=name, sheet=sheet)
    return ask(tasks, wait=wait, saving=saving, as_json=as_json, key_file=key_file)


def account(*, as_json: AsJson = False, key_file: KeyFile = None) -> int:
    """Tell the credits left, the plan and its number of tasks at once."""
    from journey_async.cli.fetching import account as ask

    return ask(as_json=as_json, key_file=key_file)


def models(*, as_json: AsJson = False) -> None:
    """List the 30 models of `journey imagine`: what each costs, answers and takes."""
    from journey_async.cli.tables import show_models

    show_models(as_json=as_json)


def rules(*, mermaid: _Mermaid = False, openapi: _OpenApi = False, as_json: AsJson = False) -> None:
    """List what may follow what, what it gives and what it costs."""
    from journey_async.cli.tables import show_openapi, show_rules

    if openapi:
        show_openapi()
    else:
        show_rules(mermaid=mermaid, as_json=as_json)
