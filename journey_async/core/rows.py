"""Rows of data times a small graph: a graph with a copy of the small one for each row, its texts filled in."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

from attrs import evolve

from journey_async.core.graph_faults import shown, whole
from journey_async.core.graph_text import JsonObject, half_characters, read_json
from journey_async.core.nodes import Nodes, key_fault
from journey_async.core.sketches import grow
from journey_async.errors import Fault, FileFault, GraphFileError
from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from journey_async.core.sketches import ReadMask, Sketch

RowSyntax: TypeAlias = Literal["csv", "jsonl"]

NAMES: Final = ("key", "name")
"""The columns that name a row, the first of them that it has; a row without is named by its number."""

_BRACES: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_ROW_TEXTS: Final = (str, int, float)


@frozen
class Row:
    """One row: its number, counted from 1 below the header, and its values by column."""

    number: int
    values: Mapping[str, object]


def read_rows(text: str, syntax: RowSyntax) -> tuple[list[Row], list[FileFault]]:
    """Read the rows of CSV with a header, or of JSON with one object per line, and tell all that is wrong with them."""
    faults: list[FileFault] = []
    rows = _csv_rows(text, faults) if syntax == "csv" else _json_rows(text, faults)
    return list(rows), faults


def rows_times(
    rows_text: str, syntax: RowSyntax, template: Sequence[Sketch], *, file: str, read_mask: ReadMask
) -> Nodes:
    """Give the nodes of *template*, once for each row. Raises `GraphFileError` with all faults; *file* is its name."""
    rows, faults = read_rows(rows_text, syntax)
    names = _row_names(rows, faults)
    nodes = Nodes()
    by_row: list[FileFault] = []
    for row, name in zip(rows, names, strict=True):
        unfilled: list[FileFault] = []
        filled = [_filled(sketch, row, unfilled) for sketch in template]
        told = {(fault.node, fault.argument) for fault in unfilled}
        grown = grow(nodes, filled, read_mask=read_mask, prefix=f"{name}/", row=row.number)
        by_row += [*unfilled, *(fault for fault in grown if (fault.node, fault.argument) not in told)]
    faults += _told_once(by_row, of=len(rows))
    if faults:
        raise GraphFileError(file, faults)
    return nodes


def _csv_rows(text: str, faults: list[FileFault]) -> Iterator[Row]:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] | None = None
    number = 0
    try:
        for cells in lines:
            if not cells:
                continue
            if header is None:
                header = cells
                faults += _header_faults(header)
                continue
            number += 1
            if len(cells) != len(header):
                message = f"{len(cells)} cells stand under {len(header)} columns (line {lines.line_num})"
                faults.append(FileFault(row=number, argument="", value=None, message=message))
                continue
            yield Row(number, dict(zip(header, cells, strict=True)))
    except csv.Error as error:
        faults.append(whole(f"not CSV: {error} (line {lines.line_num})"))
    if header is None:
        faults.append(whole("a header is needed: the first line of the file names the columns"))


def _header_faults(header: Sequence[str]) -> Iterator[FileFault]:
    for column, times in Counter(header).items():
        if times > 1:
            yield whole(f"column {column!r} is there {times} times")
        elif not column.strip():
            yield whole(f"column {header.index(column) + 1} has no name")


def _json_rows(text: str, faults: list[FileFault]) -> Iterator[Row]:
    # Not `splitlines`: JSON allows other line ends, U+2028 for one, inside its texts.
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    for number, (line_number, line) in enumerate(lines, start=1):
        try:
            found = read_json(line)
        except ValueError as error:
            message = f"{error}, in line {line_number} of the file"
            faults.append(FileFault(row=number, argument="", value=None, message=message))
            continue
        if not isinstance(found, JsonObject):
            message = f"a row is one JSON object on one line (line {line_number})"
            faults.append(FileFault(row=number, argument="", value=None, message=message))
            continue
        faults += (
            FileFault(row=number, argument="", value=None, message=f"{name!r} is there twice (line {line_number})")
            for name in found.twice
        )
        yield Row(number, found)


def _row_names(rows: Sequence[Row], faults: list[FileFault]) -> list[str]:
    """Give the name of each row, made up where it is faulty."""
    names: dict[str, int] = {}
    for row in rows:
        column = next((column for column in NAMES if column in row.values), None)
        value: object = row.number if column is None else row.values[column]
        name = _as_text(value) or ""
        fault = key_fault(column or "name", name or value)
        if name in names:
            message = f"a row's name must be unique: row {names[name]} has it already"
            fault = Fault(argument=column or "name", value=name, message=message)
        if fault is not None:
            faults.append(FileFault(row=row.number, argument=fault.argument, value=fault.value, message=fault.message))
            name = f"row {row.number} of {len(rows)}"
        names[name] = row.number
    return list(names)


def _filled(sketch: Sketch, row: Row, faults: list[FileFault]) -> Sketch:
    """Fill the values of *row* into the texts of *sketch*."""
    fields: dict[str, object] = {}
    for name, value in sketch.fields.items():
        messages: list[str] = []
        fields[name] = _with_values(value, row, messages)
        faults += (
            FileFault(
                node=sketch.key, row=row.number, argument=name, value=shown(name, value), message=f"{name}: {message}"
            )
            for message in messages
        )
    return evolve(sketch, fields=fields)


def _with_values(value: object, row: Row, messages: list[str]) -> object:
    if isinstance(value, str):
        return _filled_text(value, row, messages) if "{" in value or "}" in value else value
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, object]", value).items()
        return {name: _with_values(item, row, messages) for name, item in pairs}
    if isinstance(value, list | tuple):
        return [_with_values(item, row, messages) for item in cast("Sequence[object]", value)]
    return value


def _filled_text(text: str, row: Row, messages: list[str]) -> str:
    def fill(found: re.Match[str]) -> str:
        brace, column = found[0], found[1]
        if column is None:
            if brace not in {"{{", "}}"}:
                messages.append(f"a single {brace} names no column: write {brace * 2} for the brace itself")
            return brace[0]
        if column not in row.values:
            messages.append(f"there is no column {column!r}: use {', '.join(row.values) or 'none'}")
            return brace
        value = _as_text(row.values[column])
        if value is None:
            messages.append(f"column {column!r} must hold a text or a number, to be filled in")
            return brace
        return value

    return _BRACES.sub(fill, text)


def _as_text(value: object) -> str | None:
    """Give what stands for a value of a row inside a text; None for a value that nothing can stand for."""
    if isinstance(value, str):
        return None if half_characters(value) else value
    return json.dumps(value) if isinstance(value, _ROW_TEXTS) else None


def _told_once(faults: Sequence[FileFault], *, of: int) -> Iterator[FileFault]:
    """Tell a fault that each of several rows has once, without a row: it is the template's."""
    times = Counter((fault.node, fault.argument, fault.message, repr(fault.value)) for fault in faults)
    told: set[tuple[object, ...]] = set()
    for fault in faults:
        same = (fault.node, fault.argument, fault.message, repr(fault.value))
        if of < 2 or times[same] < of:  # noqa: PLR2004 - one row is no repetition
            yield fault
        elif same not in told:
            told.add(same)
            yield evolve(fault, row=None)
