"""A command for every action of the service, made from the action's own fields: none of them can be forgotten."""

from __future__ import annotations

import json
from functools import partial
from inspect import Parameter, Signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import typer

from journey_async.cli import options
from journey_async.cli.action_fields import ARGUMENTS, EXAMPLES, field_of
from journey_async.cli.action_names import SENTENCES
from journey_async.cli.complaints import CommandError
from journey_async.cli.exit_codes import MISUSED
from journey_async.core.actions import ACTIONS
from journey_async.core.kinds import Grid, Text
from journey_async.core.models import MIDJOURNEY, MODELS
from journey_async.core.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journey_async.core.actions import Action
    from journey_async.core.rules import Rule

PARENT = "task"
_OUR_OWN = ("webhook_secret_file", "upscale", "no_wait", "download", "name", "sheet", "as_json", "key_file")


def add_to(app: typer.Typer, name: str) -> None:
    """Add the command of the action *name* to *app*."""
    action = ACTIONS[name]
    command = partial(_perform, action)
    typed = list(_parameters(action))
    # typer reads both.
    command.__signature__ = Signature(typed)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in typed}
    epilog = options.examples(*EXAMPLES[name])
    app.command(name, help=_help(action), epilog=epilog, rich_help_panel=options.TASKS)(command)


def _parameters(action: type[Action]) -> Iterator[Parameter]:
    """Give what can be typed: the parent, the fields that are arguments, the other fields, and what all have."""
    if action.parent_field is not None:
        yield _parent(required=action.instead_of_parent is None)
    fields = {**dict.fromkeys(action.required, True), **dict.fromkeys(action.optional, False)}
    arguments = ARGUMENTS.get(action.name, ())
    for name in arguments:
        yield _argument(action, name)
    for name, required in fields.items():
        if name not in arguments:
            yield _option(action, name, required=required)
    yield from _options_for_results(rules_of(action))
    yield from _options_for_the_service()


def _parameter(name: str, annotation: object, *, default: object) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


def _parent(*, required: bool) -> Parameter:
    told = "The id of the task that it follows."
    if required:
        return _parameter(PARENT, str, default=typer.Argument(metavar="TASK", help=told))
    return _parameter(PARENT, str | None, default=typer.Argument(None, metavar="TASK", help=told, show_default=False))


def _argument(action: type[Action], name: str) -> Parameter:
    field = field_of(action.name, name)
    return _parameter(name, field.annotation, default=typer.Argument(metavar=field.metavar, help=field.help))


def _option(action: type[Action], name: str, *, required: bool) -> Parameter:
    field = field_of(action.name, name)
    switch = f"--{name.replace('_', '-')}"
    if name == "model":
        return _parameter(
            name, field.annotation, default=typer.Option(MIDJOURNEY, switch, metavar=field.metavar, help=field.help)
        )
    annotation = field.annotation if required else field.annotation | None
    default = ... if required else None
    return _parameter(name, annotation, default=typer.Option(default, switch, metavar=field.metavar, help=field.help))


def _options_for_results(rules: tuple[Rule, ...]) -> Iterator[Parameter]:
    panel = options.RESULTS
    if any(issubclass(rule.gives, Grid) for rule in rules):
        told = "Upscale this tile of the grid too, 2 credits; repeatable."
        info = typer.Option(None, "--upscale", metavar="1..4", min=1, max=4, help=told, rich_help_panel=panel)
        yield _parameter("upscale", list[int] | None, default=info)
    yield _parameter("no_wait", options.NoWait, default=False)
    if not all(issubclass(rule.gives, Text) for rule in rules):
        yield _parameter("download", options.DownloadTo, default=None)
        yield _parameter("name", options.Named, default=None)
    if any(issubclass(rule.gives, Grid) for rule in rules):
        yield _parameter("sheet", options.Sheet, default=False)
    yield _parameter("as_json", options.AsJson, default=False)


def _options_for_the_service() -> Iterator[Parameter]:
    yield _parameter("key_file", options.KeyFile, default=None)
    panel = options.SERVICE
    told = "Where the service posts the task when it has ended."
    info = typer.Option(None, "--webhook-url", metavar="URL", help=told, rich_help_panel=panel)
    yield _parameter("webhook_url", str | None, default=info)
    told = "The file with the secret that a delivery echoes."
    info = typer.Option(None, "--webhook-secret-file", metavar="PATH", help=told, rich_help_panel=panel)
    yield _parameter("webhook_secret_file", Path | None, default=info)
    told = "Undocumented fields, sent as they are: a JSON object."
    info = typer.Option(None, "--extra", metavar="JSON", help=told, rich_help_panel=panel)
    yield _parameter("extra", str | None, default=info)


def rules_of(action: type[Action]) -> tuple[Rule, ...]:
    """Give the rows of the rule table that are about *action*."""
    return tuple(rule for rule in RULES.values() if rule.action == action.name)


def price_of(action: type[Action]) -> str:
    """Say what *action* costs."""
    prices = {model.credits for model in MODELS.values()} if action.name == "imagine" else {action.price}
    return f"{min(prices)} to {max(prices)}" if len(prices) > 1 else str(action.price)


def _help(action: type[Action]) -> str:
    """Say what the action does, and below what it costs and follows."""
    _, _, source = (action.__doc__ or "").partition(". ")
    rules = rules_of(action)
    parents = dict.fromkeys(kind.label for rule in rules for kind in rule.needs)
    gives = dict.fromkeys(rule.gives.label for rule in rules)
    follows = f"follows {' or '.join(parents)}, " if parents else ""
    facts = f"It {follows}gives {' or '.join(gives)} and costs {price_of(action)} credits."
    return f"{SENTENCES[action.name]}\n\n{facts} {source}"


def _perform(action: type[Action], **typed: Any) -> int:  # noqa: ANN401 - typer gives what the annotations say
    from journey_async.cli.saving import Saving
    from journey_async.cli.verb import Verb, perform

    given = {name: value for name, value in typed.items() if name not in {*_OUR_OWN, PARENT}}
    given["extra"] = _extra(typed["extra"])
    given["webhook_secret"] = _secret(typed["webhook_secret_file"])
    places = ARGUMENTS.get(action.name, ())
    parent = (typed[PARENT],) if typed.get(PARENT) is not None else ()
    saving = Saving.of(typed.get("download"), name=typed.get("name"), sheet=typed.get("sheet", False))
    tiles = tuple(map(str, typed.get("upscale") or ()))
    if typed["no_wait"] and (saving or tiles):
        message = "--no-wait leaves before there is a result: leave it out, or leave out --upscale and --download"
        raise CommandError(message, exit_code=MISUSED)
    if tiles and given.get("model", MIDJOURNEY) != MIDJOURNEY:
        message = f"--upscale needs a grid, and model {given['model']} gives one picture: leave one of the two out"
        raise CommandError(message, exit_code=MISUSED)
    verb = Verb(
        name=action.name,
        arguments=(*parent, *(given[name] for name in places)),
        fields={name: value for name, value in given.items() if name not in places and value is not None},
        upscale=tiles,
        wait=not typed["no_wait"],
        saving=saving,
        as_json=typed["as_json"],
    )
    return perform(verb, key_file=typed["key_file"])


def _extra(text: str | None) -> dict[str, object] | None:
    if text is None:
        return None
    try:
        found = json.loads(text)
    except ValueError as error:
        raise CommandError(f"--extra must be a JSON object: {error}", exit_code=MISUSED) from error
    if not isinstance(found, dict):
        raise CommandError('--extra must be a JSON object, such as {"name": 1}', exit_code=MISUSED)
    return cast("dict[str, object]", found)


def _secret(path: Path | None) -> str | None:
    from journey_async.cli.connection import read_secret

    return None if path is None else read_secret(path, option="--webhook-secret-file")
