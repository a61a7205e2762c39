"""`journey models` and `journey rules`: what the service offers, as this package knows it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer
from attrs import asdict
from rich.table import Table
from rich.text import Text

from journey_async.cli.action_commands import price_of
from journey_async.cli.consoles import console
from journey_async.cli.result_texts import json_line
from journey_async.core.actions import ACTIONS
from journey_async.core.diagram import rules_as_mermaid
from journey_async.core.models import MODELS, OFFERED_BY_SOME
from journey_async.core.openapi import openapi
from journey_async.core.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journey_async.core.models import Model
    from journey_async.core.rules import Rule


def show_models(*, as_json: bool) -> None:
    """Show the models of `journey imagine`."""
    if as_json:
        for model in MODELS.values():
            typer.echo(json_line(asdict(model)))
        return
    rows = [(model.id, str(model.credits), model.mode, _fields(model)) for model in MODELS.values()]
    _print(("model", "credits", "mode", "fields beside prompt and aspect_ratio"), rows, wrapped=False)


def _fields(model: Model) -> str:
    offered = [name for name in OFFERED_BY_SOME if model.offers(name)]
    return ", ".join(f"{name} (required)" if getattr(model, name) == "required" else name for name in offered)


def show_rules(*, mermaid: bool, as_json: bool) -> None:
    """Show what may follow what."""
    if mermaid:
        typer.echo(rules_as_mermaid())
    elif as_json:
        for rule in RULES.values():
            typer.echo(json_line(_rule_as_json(rule)))
    else:
        rows = [(rule.name, _parents(rule), rule.gives.label, _price(rule)) for rule in RULES.values()]
        _print(("action", "follows", "gives", "credits"), rows, wrapped=True)
        typer.echo("~ is implied by the documentation of the service, the rest is said there.")


def show_openapi() -> None:
    """Show the description of the service."""
    typer.echo(json.dumps(openapi(), ensure_ascii=False, indent=2))


def _rule_as_json(rule: Rule) -> dict[str, object]:
    return {
        "rule": rule.name,
        "action": rule.action,
        "parents": {kind.__name__: evidence for kind, evidence in rule.parents.items()},
        "gives": rule.gives.__name__,
        "credits": _price(rule),
    }


def _parents(rule: Rule) -> str:
    told = (f"{'~' if evidence == 'implied' else ''}{kind.label}" for kind, evidence in rule.parents.items())
    return "\n".join(told) or "nothing"


def _price(rule: Rule) -> str:
    return price_of(ACTIONS[rule.action]) if rule.name != "imagine" else str(MODELS["midjourney"].credits)


def _print(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], *, wrapped: bool) -> None:
    """Print columns; those that are not wrapped keep a line for each row, which `grep` finds, however long."""
    if not wrapped:
        widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
        stdout = console(wrapped=False)
        for number, row in enumerate((head, *rows)):
            line = "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
            stdout.print(Text(line, style="" if number else "bold"))
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in head:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console().print(table)
