"""What can be typed after `journey`: options and help; each command's work is in a module of its own."""

from __future__ import annotations

import os
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, cast

import typer

from journey_async.cli import cluster_commands, gallery, graph_commands, question_commands
from journey_async.cli.action_names import SENTENCES
from journey_async.cli.complaints import CommandError
from journey_async.cli.exit_codes import EXIT_CODES
from journey_async.cli.options import TASKS, TRIAL
from journey_async.version import __version__

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from typer.core import TyperGroup

# The modules with the commands' work are imported when a command runs: they need aiohttp and Pillow, help does not.

API_KEY: Final = "japi_sandbox_key"
DEMO_SPEED: Final = 30.0

_CODES: Final = "\n".join(f"  {code:3}  {meaning}" for code, meaning in EXIT_CODES.items())
_ALL: Final = f"""\
[bold]Examples[/bold]

  journey demo                  eight tasks, their pictures and what they cost
  journey sandbox --port 8787   the service, as far as a client can tell
  journey imagine "an elk" --upscale 2 --download out
  journey plan elk.toml && journey run elk.toml --budget 60

`journey COMMAND --help` tells more about a command. The key of the account is read from JOURNEY_API_KEY or from the \
file of --key-file, the address of the service from JOURNEY_BASE_URL.

[bold]Exit codes[/bold]

{_CODES}
"""
_SANDBOX: Final = """\
[bold]Examples[/bold]

  journey sandbox --port 0 --task-seconds 0.5
  journey sandbox --plan basic --credits 40
  journey sandbox --fault http-429:imagine:0.3 --fault stuck:pan:1
"""
_DEMO: Final = """\
[bold]Example[/bold]

  journey demo --out pictures --speed 10
"""

app = typer.Typer(
    add_completion=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_ALL,
)


def run(arguments: Sequence[str] | None = None, /) -> int:
    """Run the command of *arguments* (of the process, if not given) and give its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    # What a shell asks to complete comes in the environment: COMP_WORDS from bash, the other from other shells.
    asked = (os.environ.get(name, "").split() for name in ("COMP_WORDS", "_TYPER_COMPLETE_ARGS"))
    command = command_line({*words, *chain(*asked)})
    streams = sys.stdout, sys.stderr
    try:
        code = command.main(args=arguments, prog_name="journey", standalone_mode=False)
    except typer.TyperException as error:
        raise CommandError(error.format_message(), exit_code=error.exit_code) from error
    except SystemExit as leaving:
        # typer leaves in its own way, and wraps the streams, when nobody reads the output any more.
        if isinstance(leaving.__context__, BrokenPipeError):
            sys.stdout, sys.stderr = streams
            raise leaving.__context__ from None
        raise
    return code or 0


def command_line(words: Collection[str] | None = None) -> TyperGroup:
    """Give the whole command; the commands of actions that are not among *words* have no options, only their help."""
    made = typer.Typer(rich_markup_mode="rich")
    for name, sentence in SENTENCES.items():
        if words is None or name in words:
            from journey_async.cli import action_commands

            action_commands.add_to(made, name)
        else:
            made.command(name, help=sentence, rich_help_panel=TASKS)(_nothing)
    # `get_command` adds the options for completion, which only the whole has; both give groups.
    whole = cast("TyperGroup", typer.main.get_command(app))
    whole.commands = {**typer.main.get_group(made).commands, **whole.commands}
    return whole


def _nothing() -> None:
    """Stand in for a command that is only listed."""


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"journey-async {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def journey(
    context: typer.Context,
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Midjourney-style pictures by JourneyAPI: its tasks, graphs of them, and a sandbox that needs no account."""
    del version
    if context.invoked_subcommand is None:
        context.get_help()


@app.command(epilog=_SANDBOX, rich_help_panel=TRIAL)
def sandbox(
    *,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 8787,
    plan: Annotated[
        str, typer.Option(help="How many tasks run at once: basic 5, starter 10, growth 25, enterprise 50.")
    ] = "starter",
    credits: Annotated[int, typer.Option(help="What the account has.")] = 1000,  # noqa: A002 - the service's word
    speed: Annotated[float, typer.Option(help="How many times as fast as the service.")] = 20.0,
    task_seconds: Annotated[float | None, typer.Option(help="Real seconds for every task, whatever the speed.")] = None,
    api_key: Annotated[str, typer.Option(metavar="KEY", help="The one key that is let in.")] = API_KEY,
    seed: Annotated[int, typer.Option(help="What the pictures and all chance come from.")] = 1,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            "--fault",
            metavar="FAULT",
            help="NAME\\[:ENDPOINT\\[:PROBABILITY or COUNT]], repeatable; an unknown NAME lists them all.",
        ),
    ] = None,
    exposed: Annotated[bool, typer.Option("--exposed", help="Let --host be an address that others reach.")] = False,
) -> int:
    """Run JourneyAPI on this machine: its rules, prices, limits, pictures and, if asked for, its faults."""
    from journey_async.cli.sandbox import serve

    return serve(
        host=host,
        port=port,
        plan=plan,
        credits=credits,
        speed=speed,
        task_seconds=task_seconds,
        api_key=api_key,
        seed=seed,
        faults=tuple(fault or ()),
        exposed=exposed,
    )


@app.command(epilog=_DEMO, rich_help_panel=TRIAL)
def demo(
    *,
    out: Annotated[Path, typer.Option(help="The folder for the pictures.")] = Path("demo-out"),
    speed: Annotated[float, typer.Option(help="How many times as fast as the service.")] = DEMO_SPEED,
) -> None:
    """Show the package at work, against a sandbox of its own: a grid, one tile of it, six edits of that."""
    from journey_async.cli.demo import tell

    tell(out, speed=speed)


question_commands.add_to(app)
graph_commands.add_to(app)
gallery.add_to(app)
cluster_commands.add_to(app)
