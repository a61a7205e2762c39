"""Nodes as a file describes them: from tables to nodes with all faults of the file, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from attrs import NOTHING, Attribute, field, fields_dict

from journey_async.core.actions import ACTIONS, Action
from journey_async.core.graph_faults import shown, whole
from journey_async.core.kinds import Kind, Result
from journey_async.core.node import EXISTING
from journey_async.core.nodes import KINDS
from journey_async.core.rules import RULES
from journey_async.errors import FileFault, InvalidRequestError
from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from journey_async.core.node import Node
    from journey_async.core.nodes import Nodes

ReadMask: TypeAlias = Callable[[str], object]
"""Gives the picture that a text names as a path; a text that names none as it is."""

_OPTIONS: Final = ("webhook_url", "webhook_secret", "extra")
_NO_FIELDS: Final[Mapping[str, object]] = {}


@frozen(kw_only=True)
class Sketch:
    """A node as it is described; the names of its fields are right, their values are yet to be checked."""

    key: str
    make: type[Action] | None = None
    """None: a task that exists already, with its id and perhaps its kind as fields."""
    parent: str | None = None
    fields: Mapping[str, object] = field(default=_NO_FIELDS, repr=False)
    broken: bool = False
    """So faulty that nothing can be made of it; its faults are told already."""


def sketch_of(node: Node[Any]) -> Sketch:
    """Give the description of *node*; a function that chooses its index is the value of that field."""
    parent = None if node.parent is None else node.parent.key
    if node.task_id is None:
        return Sketch(key=node.key, make=node.make, parent=parent, fields=node.fields)
    kind = {} if node.kind is Result else {"kind": node.kind.__name__}
    return Sketch(key=node.key, fields={EXISTING: node.task_id, **kind})


def table_of(sketch: Sketch) -> dict[str, object]:
    """Give the table that describes a node in a file."""
    table: dict[str, object] = {} if sketch.make is None else {"action": sketch.make.name}
    if sketch.parent is not None:
        table["parent"] = sketch.parent
    for name, value in sketch.fields.items():
        table[name] = int(value) if name == "index" and isinstance(value, str) and value.isdecimal() else value
    return table


def read_tables(tables: Mapping[str, object]) -> tuple[list[Sketch], list[FileFault]]:
    """Read the tables of a file by key: the sketches, parents first, and what is wrong with their form."""
    faults: list[FileFault] = []
    sketches = {key: _sketch(key, table, faults) for key, table in tables.items()}
    for sketch in sketches.values():
        if sketch.parent is not None and sketch.parent not in sketches:
            message = "parent must be the key of a node of this file"
            faults.append(FileFault(node=sketch.key, argument="parent", value=sketch.parent, message=message))
    return _parents_first(sketches, faults), faults


def grow(
    nodes: Nodes, sketches: Iterable[Sketch], *, read_mask: ReadMask, prefix: str = "", row: int | None = None
) -> list[FileFault]:
    """Take the nodes of *sketches*, parents first, into *nodes*, their keys with *prefix*; give what is wrong.

    With a fault *nodes* is good for nothing but growing on, to learn of more.
    """
    faults: list[FileFault] = []
    grown: dict[str, Node[Any]] = {}
    for sketch in sketches:
        try:
            grown[sketch.key] = _grown(nodes, sketch, grown, f"{prefix}{sketch.key}", read_mask)
        except InvalidRequestError as error:
            faults += (
                FileFault(node=sketch.key, row=row, argument=fault.argument, value=fault.value, message=fault.message)
                for fault in error.faults
            )
            grown[sketch.key] = nodes.existing("faulty", kind=_kind_of(sketch))
    return faults


def _grown(nodes: Nodes, sketch: Sketch, grown: Mapping[str, Node[Any]], key: str, read_mask: ReadMask) -> Node[Any]:
    if sketch.broken:
        return nodes.existing("faulty")
    if sketch.make is None:
        kind = sketch.fields.get("kind")
        return nodes.existing(
            sketch.fields.get(EXISTING), kind=KINDS.get(kind, kind) if isinstance(kind, str) else kind, key=key
        )
    parent = None
    if sketch.parent is not None:
        # A parent that is not there, or on a circle, is told already.
        parent = grown.get(sketch.parent) or nodes.existing("faulty")
    fields = {**_required(sketch.make), **sketch.fields}
    mask = fields.get("mask")
    if isinstance(mask, str):
        fields["mask"] = read_mask(mask)
    return nodes.draw(sketch.make, fields, parent=parent, key=key)


def _required(make: type[Action]) -> dict[str, object]:
    """Give None for each field without which an action cannot even be made: its check refuses it."""
    known: Mapping[str, Attribute[Any]] = fields_dict(make)
    return {name: None for name in make.required if known[name].default is NOTHING}


def _kind_of(sketch: Sketch) -> Kind | None:
    """Give the kind that a faulty node would have, as far as that is certain without its fields."""
    given = (
        {} if sketch.make is None else {rule.gives: rule for rule in RULES.values() if rule.action == sketch.make.name}
    )
    return next(iter(given)) if len(given) == 1 else None


def _sketch(key: str, table: object, faults: list[FileFault]) -> Sketch:
    def wrong(argument: str, value: object, message: str) -> None:
        faults.append(FileFault(node=key, argument=argument, value=value, message=message))

    if not isinstance(table, Mapping):
        faults.append(FileFault(node=key, argument="", value=None, message="a node is a table of its fields"))
        return Sketch(key=key, broken=True)
    given = dict(cast("Mapping[str, object]", table))
    if ("action" in given) is (EXISTING in given):
        message = f"exactly one of action and {EXISTING} is needed: what is asked, or the id of a task"
        wrong("action", given.get("action"), message)
        return Sketch(key=key, broken=True)
    make: type[Action] | None = None
    if "action" in given:
        name = given.pop("action")
        make = ACTIONS.get(name) if isinstance(name, str) else None
        if make is None:
            wrong("action", name, f"action is unknown: use {', '.join(ACTIONS)}")
            return Sketch(key=key, broken=True)
    allowed = _allowed(make)
    for name in [name for name in given if name not in allowed]:
        wrong(name, shown(name, given.pop(name)), f"{name} is no field here: use {', '.join(allowed)}")
    parent = given.pop("parent", None)
    if parent is not None and not isinstance(parent, str):
        wrong("parent", parent, "parent must be the key of a node of this file")
        return Sketch(key=key, broken=True)
    return Sketch(key=key, make=make, parent=parent, fields=given)


def _allowed(make: type[Action] | None) -> tuple[str, ...]:
    if make is None:
        return (EXISTING, "kind")
    parent = () if make.parent_field is None else ("parent",)
    return (*parent, *make.required, *make.optional, *_OPTIONS)


def _parents_first(sketches: Mapping[str, Sketch], faults: list[FileFault]) -> list[Sketch]:
    """Order *sketches* so that parents come first, otherwise as they stand; tell the circles."""
    placed: dict[str, Sketch] = {}
    for sketch in sketches.values():
        path: dict[str, Sketch] = {}
        for above in _upwards(sketch, sketches, placed):
            if above.key in path:
                keys = list(path)
                circle = [*keys[keys.index(above.key) :], above.key]
                message = f"parents make a circle: {' below '.join(circle)}"
                faults.append(FileFault(node=above.key, argument="parent", value=above.parent, message=message))
                break
            path[above.key] = above
        placed.update(reversed(path.items()))
    return list(placed.values())


def _upwards(sketch: Sketch, sketches: Mapping[str, Sketch], placed: Mapping[str, Sketch]) -> Iterator[Sketch]:
    """Go from *sketch* to its parent and on, up to those that have their place."""
    here: Sketch | None = sketch
    while here is not None and here.key not in placed:
        yield here
        here = None if here.parent is None else sketches.get(here.parent)


def no_tables(document: Mapping[str, object]) -> list[FileFault]:
    """Tell what is wrong with a document beside its nodes."""
    faults = [whole(f"{name!r} is unknown: nodes is all that a file holds") for name in document if name != "nodes"]
    if not isinstance(document.get("nodes"), Mapping):
        faults.append(whole("a table called nodes is needed, with a table for each node in it"))
    return faults
