"""A graph as a drawing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from journey_async.core.node import Node

SHOWN: Final = 60
"""How many characters of a text a drawing shows."""

# Inside quotes only a quote can end a label, yet mermaid also looks for directives (`%%{`), entities (`#35;`), markup
# and `style ... :#` anywhere: all but these are written as the numbers of their characters.
_NOT_PLAIN: Final = re.compile(r"[^\w .,/=+-]|_")
_LEFT_OUT: Final = ("webhook_url", "webhook_secret", "extra", "mask", "index")


def graph_as_mermaid(nodes: Iterable[Node[Any]]) -> str:
    """Draw *nodes* as a mermaid flowchart; where an index is yet to be chosen the arrow is dotted."""
    lines = ["flowchart TD"]
    names: dict[str, str] = {}
    for number, node in enumerate(nodes):
        name = names[node.key] = f"n{number}"
        label = "<br/>".join(_escaped(line) for line in _label(node))
        lines.append(f'    {name}(["{label}"])' if node.task_id is not None else f'    {name}["{label}"]')
        if node.parent is not None:
            arrow = "-->" if node.choice is None else "-.->|a choice|"
            lines.append(f"    {names[node.parent.key]} {arrow} {name}")
    return "\n".join(lines)


def _label(node: Node[Any]) -> Iterator[str]:
    yield node.key
    if node.task_id is not None:
        yield f"task {node.task_id}"
        return
    fields = node.fields
    index = fields.get("index")
    yield node.name if index is None or callable(index) else f"{node.name} {index}"
    told = [value for name, value in fields.items() if name not in _LEFT_OUT and isinstance(value, str)]
    if told:
        yield ", ".join(told)


def _escaped(text: str) -> str:
    line = " ".join(text.split())
    line = line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"
    return _NOT_PLAIN.sub(lambda found: f"#{ord(found[0])};", line)
