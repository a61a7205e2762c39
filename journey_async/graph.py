"""Actions and their parents, drawn before anything is sent: checked, priced, and kept in files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, overload

from journey_async.core.graph_diagram import graph_as_mermaid
from journey_async.core.graph_text import read_graph, read_sketches, write_graph
from journey_async.core.kinds import Kind, Result
from journey_async.core.nodes import Nodes
from journey_async.core.rows import rows_times
from journey_async.core.sketches import sketch_of
from journey_async.errors import Fault, InvalidRequestError
from journey_async.graph_files import Masks, graph_syntax, read_text, row_syntax
from journey_async.graph_verbs import GraphVerbs
from journey_async.task import Task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journey_async.core.actions import Action
    from journey_async.core.graph_text import Syntax
    from journey_async.core.node import Credits, Node
    from journey_async.core.sketches import Sketch
    from journey_async.core.tasks import R
    from journey_async.graph_files import FilePath


class TaskGraph(GraphVerbs):
    """Trees of actions: the client's verbs, which here send nothing and give nodes to draw on from.

    Iterating goes in drawing order, so parents come before their children; `graph[key]` gives a node by its key.
    What a graph says about legality and price holds until it is run, except where a task's kind is yet to be fetched.
    """

    def __init__(self) -> None:
        self._nodes = Nodes()

    # -----------------------------------------------------------------------------------------------------------------
    # What is in it

    def __len__(self) -> int:
        return len(self._nodes)

    def __iter__(self) -> Iterator[Node[Any]]:
        return iter(self._nodes)

    def __getitem__(self, key: str) -> Node[Any]:
        return self._nodes[key]

    def __contains__(self, item: object) -> bool:
        return item in self._nodes

    @property
    def roots(self) -> tuple[Node[Any], ...]:
        """The nodes without a parent, in drawing order."""
        return tuple(node for node in self if node.parent is None)

    def children(self, node: Node[Any], /) -> tuple[Node[Any], ...]:
        """Give the nodes right below *node*, in drawing order. Raises `InvalidRequestError` for a foreign node."""
        return self._nodes.children(node)

    @property
    def credits(self) -> Credits:
        """What it costs: `int(graph.credits)`, or a range where a choice decides what is run at all."""
        return self._nodes.credits

    def to_mermaid(self) -> str:
        """Draw it as a mermaid flowchart; the arrow to a node whose index is yet to be chosen is dotted."""
        return graph_as_mermaid(self)

    def __repr__(self) -> str:
        return f"<TaskGraph of {len(self)} nodes, {self.credits} credits>"

    # -----------------------------------------------------------------------------------------------------------------
    # Drawing

    @overload
    def existing(self, task: Task[Any] | str, /, *, kind: type[R], key: str | None = ...) -> Node[R]: ...
    @overload
    def existing(self, task: Task[R], /, *, key: str | None = ...) -> Node[R]: ...
    @overload
    def existing(self, task: str, /, *, key: str | None = ...) -> Node[Any]: ...
    def existing(self, task: Task[Any] | str, /, *, kind: Kind | None = None, key: str | None = None) -> Node[Any]:
        """Draw a task that exists already, to be followed; it costs nothing.

        Where neither the task nor *kind* says what it is, anything may be drawn below it, and running looks it up
        first. Raises `InvalidRequestError`.
        """
        if not isinstance(task, Task):
            return self._nodes.existing(task, kind=kind, key=key)
        known = task.kind is not Result
        if known and kind is not None and not issubclass(task.kind, kind):
            message = f"kind must be what the task is: {task.kind.__name__}"
            raise InvalidRequestError("existing", [Fault(argument="kind", value=kind, message=message)])
        return self._nodes.existing(task.id, kind=task.kind if known else kind, key=key)

    def _draw(self, make: type[Action], parent: Node[Any] | None = None, /, **arguments: object) -> Node[Any]:
        key = arguments.pop("key", None)
        return self._nodes.draw(make, arguments, parent=parent, key=key)

    # -----------------------------------------------------------------------------------------------------------------
    # Files

    @classmethod
    def load(cls, path: FilePath, /) -> Self:
        """Read a graph from a `.toml` or `.json` file; paths of masks are relative to it.

        Raises `GraphFileError` with all faults of the file, and OSError if it cannot be read.
        """
        syntax = graph_syntax(path)
        return cls._of(read_graph(read_text(path), syntax, file=os.fspath(path), read_mask=_masks_beside(path)))

    def dump(self, path: FilePath, /) -> None:
        """Write the graph into a `.toml` or `.json` file, masks and webhook secrets included.

        Raises `GraphFileError` that names the nodes which no file can hold, such as those with a function as index,
        and OSError if it cannot be written.
        """
        text = write_graph(self._nodes, graph_syntax(path), file=os.fspath(path))
        Path(path).write_bytes(text.encode())

    @classmethod
    def loads(cls, text: str, /, *, syntax: Syntax) -> Self:
        """Read a graph from a text; masks stand in the text itself. Raises `GraphFileError` with all its faults."""
        return cls._of(read_graph(text, syntax, file="graph", read_mask=str))

    def dumps(self, *, syntax: Syntax) -> str:
        """Write the graph as a text. Raises `GraphFileError` that names the nodes which no text can hold."""
        return write_graph(self._nodes, syntax, file="graph")

    @classmethod
    def from_rows(cls, rows: FilePath, template: TaskGraph | FilePath, /) -> Self:
        """Give a copy of *template* for each row of a `.csv` or `.jsonl` file, named `elk/grid` by row and key.

        `{column}` in the template's texts is filled in from the row; `{{` and `}}` are braces. A row is named by its
        column `key`, else `name`, else by its number. A template in a file may have `{column}` in any text, that of a
        graph where its check lets it pass. Raises `GraphFileError` with all faults of a file, and OSError.
        """
        syntax = row_syntax(rows)
        sketches, read_mask = _template(template)
        text = read_text(rows)
        return cls._of(rows_times(text, syntax, sketches, file=os.fspath(rows), read_mask=read_mask))

    @classmethod
    def _of(cls, nodes: Nodes) -> Self:
        graph = cls()
        graph._nodes = nodes
        return graph


def _template(template: TaskGraph | FilePath) -> tuple[list[Sketch], Masks]:
    if isinstance(template, TaskGraph):
        return [sketch_of(node) for node in template], Masks()
    text = read_text(template)
    return read_sketches(text, graph_syntax(template), file=os.fspath(template)), _masks_beside(template)


def _masks_beside(path: FilePath) -> Masks:
    return Masks(Path(path).parent)
