"""Graphs to text and back: TOML and JSON, without loss. Any text gives a graph or a `GraphFileError`."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

from journey_async.core.graph_faults import whole
from journey_async.core.nodes import Nodes
from journey_async.core.sketches import grow, no_tables, read_tables, sketch_of, table_of
from journey_async.core.toml_text import toml_text
from journey_async.errors import FileFault, GraphFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from journey_async.core.sketches import ReadMask, Sketch

Syntax: TypeAlias = Literal["toml", "json"]

_HALF_CHARACTER: Final = re.compile(r"[\ud800-\udfff]")


class JsonObject(dict[str, object]):
    """A JSON object that remembers which of its names stood there twice."""

    twice: tuple[str, ...] = ()


def read_graph(text: str, syntax: Syntax, *, file: str, read_mask: ReadMask) -> Nodes:
    """Read the nodes of a graph. Raises `GraphFileError` with all faults of the text; *file* is its name there."""
    sketches, faults = _sketches(text, syntax, file)
    nodes = Nodes()
    faults += grow(nodes, sketches, read_mask=read_mask)
    if faults:
        places = {sketch.key: place for place, sketch in enumerate(sketches)}
        raise GraphFileError(file, sorted(faults, key=lambda fault: places.get(fault.node or "", -1)))
    return nodes


def read_sketches(text: str, syntax: Syntax, *, file: str) -> list[Sketch]:
    """Read the nodes of a template, whose values are not checked. Raises `GraphFileError` with all other faults."""
    sketches, faults = _sketches(text, syntax, file)
    if faults:
        raise GraphFileError(file, faults)
    return sketches


def write_graph(nodes: Nodes, syntax: Syntax, *, file: str) -> str:
    """Write the nodes of a graph. Raises `GraphFileError` that names each node which a file cannot hold."""
    sketches = [sketch_of(node) for node in nodes]
    faults = [fault for sketch in sketches for fault in _not_for_files(sketch, syntax)]
    if faults:
        raise GraphFileError(file, faults)
    document = {"nodes": {sketch.key: table_of(sketch) for sketch in sketches}}
    if syntax == "toml":
        return toml_text(document)
    return json.dumps(document, ensure_ascii=False, indent=2, default=dict) + "\n"


def read_json(text: str) -> object:
    """Read JSON whose objects are `JsonObject`. Raises ValueError, with a message for people."""
    try:
        found: object = json.loads(text, object_pairs_hook=_json_object)
    except json.JSONDecodeError as error:
        message = f"not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        raise ValueError(message) from error
    except RecursionError as error:
        raise ValueError(_TOO_DEEP) from error
    return found


def half_characters(value: object) -> bool:
    """Tell whether a text in *value* holds half a character (a lone surrogate), which no file can hold."""
    if isinstance(value, str):
        return _HALF_CHARACTER.search(value) is not None
    return any(half_characters(item) for item in (*_names(value), *_items(value)))


_DEEPEST: Final = 64
"""How many levels of lists and mappings a field may have in a file, so that nothing here runs out of stack."""
_ABOVE_FIELDS: Final = 3
_TOO_DEEP: Final = f"nested too deeply: a field may have {_DEEPEST} levels"
_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+"""
_DOTTED: Final = re.compile(rf"(?<![\w-])(?:{_PART}){{{_DEEPEST + _ABOVE_FIELDS + 1}}}")
"""A name of more parts than a field may have levels."""
_HALF: Final = "half a character (a lone surrogate) is in it, which no file can hold"


def _sketches(text: str, syntax: Syntax, file: str) -> tuple[list[Sketch], list[FileFault]]:
    try:
        document = _document(text, syntax)
    except ValueError as error:
        raise GraphFileError(file, [whole(str(error))]) from error
    faults = [*_twice((), document), *no_tables(document)]
    tables = document.get("nodes")
    given = cast("Mapping[str, object]", tables) if isinstance(tables, Mapping) else dict[str, object]()
    sketches, more = read_tables(given)
    halved = [sketch for sketch in sketches if half_characters(sketch.fields)]
    unwritable = [FileFault(node=sketch.key, argument="", value=None, message=_HALF) for sketch in halved]
    return sketches, [*faults, *more, *unwritable]


def _document(text: str, syntax: Syntax) -> Mapping[str, object]:
    """Read a file into what it holds, no deeper than one can safely go. Raises ValueError."""
    document = _parsed(text, syntax)
    if _is_deeper(document, _DEEPEST + _ABOVE_FIELDS):
        raise ValueError(_TOO_DEEP)
    return document


def _parsed(text: str, syntax: Syntax) -> Mapping[str, object]:
    if syntax == "json":
        document = read_json(text)
        if not isinstance(document, Mapping):
            message = "a JSON object is needed, with the object nodes in it"
            raise ValueError(message)
        return cast("Mapping[str, object]", document)
    if _DOTTED.search(text):
        # The time that a dotted name takes grows with the square of its parts.
        raise ValueError(_TOO_DEEP)
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError(_TOO_DEEP) from error
    except ValueError as error:
        message = f"not TOML: {error}"
        raise ValueError(message) from error


def _json_object(pairs: Sequence[tuple[str, Any]]) -> JsonObject:
    made = JsonObject(pairs)
    if len(made) < len(pairs):
        times = Counter(name for name, _ in pairs)
        made.twice = tuple(name for name in made if times[name] > 1)
    return made


def _twice(path: tuple[str, ...], value: object) -> Iterator[FileFault]:
    """Tell the names that stand twice in one object, at any depth."""
    if isinstance(value, JsonObject):
        for name in value.twice:
            node = path[1] if len(path) > 1 else None
            yield FileFault(
                node=node, argument="", value=None, message=f"{'.'.join((*path[2:], name))!r} is there twice"
            )
    if isinstance(value, Mapping):
        for name, item in cast("Mapping[str, object]", value).items():
            yield from _twice((*path, name), item)
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _twice(path, item)


def _not_for_files(sketch: Sketch, syntax: Syntax) -> Iterator[FileFault]:
    for name, value in sketch.fields.items():
        message = _why_not(value, syntax)
        if message is not None:
            yield FileFault(node=sketch.key, argument=name, value=value, message=f"{name}: {message}")


def _why_not(value: object, syntax: Syntax) -> str | None:
    if callable(value):
        return "a function cannot be written into a file"
    if _is_deeper(value, _DEEPEST):
        return _TOO_DEEP
    if half_characters(value):
        return _HALF
    return "TOML has no null: write a .json file" if syntax == "toml" and _holds_none(value) else None


def _holds_none(value: object) -> bool:
    return value is None or any(_holds_none(item) for item in _items(value))


def _is_deeper(value: object, levels: int) -> bool:
    items = _items(value)
    return any(_is_deeper(item, levels - 1) for item in items) if levels else bool(items)


def _items(value: object) -> Sequence[object]:
    if isinstance(value, Mapping):
        return tuple(cast("Mapping[object, object]", value).values())
    return cast("Sequence[object]", value) if isinstance(value, list | tuple) else ()


def _names(value: object) -> Sequence[object]:
    return tuple(cast("Mapping[object, object]", value)) if isinstance(value, Mapping) else ()
