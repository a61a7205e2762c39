"""`journey plan`: a graph is checked, priced and drawn; nothing is sent."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import typer
from rich.text import Text
from rich.tree import Tree

from journey_async.cli.complaints import counted, one_line
from journey_async.cli.consoles import console
from journey_async.cli.result_texts import json_line
from journey_async.core.models import MIDJOURNEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from journey_async.core.node import Node
    from journey_async.graph import TaskGraph

_LEFT_OUT = ("webhook_url", "webhook_secret", "extra", "mask", "prompt")


def show_plan(graph: TaskGraph, file: Path, *, mermaid: bool, as_json: bool) -> None:
    """Show what *graph*, which was read from *file*, is and costs."""
    if mermaid:
        typer.echo(graph.to_mermaid())
        return
    if as_json:
        for line in _json_lines(graph):
            typer.echo(line)
        return
    # On a terminal a prompt is cut at its edge, elsewhere it is whole.
    stdout = console(wrapped=sys.stdout.isatty())
    for root in graph.roots:
        stdout.print(_tree(graph, root))
    typer.echo(f"{one_line(file)}: legal, {counted(len(graph), 'node')}, {graph.credits} credits; nothing was sent")


def _tree(graph: TaskGraph, root: Node[Any]) -> Tree:
    """Draw *root* with all below it; without recursion, because chains may be long."""
    top = Tree(_label(root), guide_style="dim")
    growing = [(root, top)]
    while growing:
        node, branch = growing.pop()
        growing += [(child, branch.add(_label(child))) for child in graph.children(node)]
    return top


def _label(node: Node[Any]) -> Text:
    label = Text(one_line(node.key), style="bold", no_wrap=True, overflow="ellipsis")
    label.append(f"  {node.name}", style="not bold")
    for fact in _facts(node):
        label.append(f" {one_line(fact)}", style="not bold")
    if node.credits:
        label.append(f"  {node.credits}", style="not bold cyan")
    prompt = node.fields.get("prompt")
    if prompt is not None:
        label.append(f"  {one_line(prompt)}", style="not bold dim")
    return label


def _facts(node: Node[Any]) -> Iterator[str]:
    if node.task_id is not None:
        yield f"task {node.task_id}"
    for name, value in node.fields.items():
        if name == "index" or (isinstance(value, str) and name not in _LEFT_OUT and value != MIDJOURNEY):
            yield "to be chosen" if callable(value) else str(value)


def _json_lines(graph: TaskGraph) -> Iterator[str]:
    for node in graph:
        told: dict[str, object] = {
            "node": node.key,
            "action": node.name,
            "parent": None if node.parent is None else node.parent.key,
            "credits": node.credits,
            "kind": node.kind.__name__,
            "task_id": node.task_id,
        }
        yield json_line(told)
    credits_ = graph.credits
    yield json_line({"nodes": len(graph), "credits": {"least": credits_.least, "most": credits_.most}})
