"""The files that a graph is made of: its text and its masks, read at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from journey_async.core import checks
from journey_async.core.graph_faults import whole
from journey_async.errors import GraphFileError
from journey_async.masks import read_mask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from journey_async.core.graph_text import Syntax
    from journey_async.core.rows import RowSyntax

FilePath: TypeAlias = str | os.PathLike[str]

GRAPH_SUFFIXES: Final[Mapping[str, Syntax]] = {".toml": "toml", ".json": "json"}
ROW_SUFFIXES: Final[Mapping[str, RowSyntax]] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


def graph_syntax(path: FilePath) -> Syntax:
    """Tell how a graph file is written. Raises `GraphFileError` for a suffix that does not say."""
    syntax = GRAPH_SUFFIXES.get(Path(path).suffix.lower())
    if syntax is None:
        raise _suffix_error(path, GRAPH_SUFFIXES)
    return syntax


def row_syntax(path: FilePath) -> RowSyntax:
    """Tell how a file of rows is written. Raises `GraphFileError` for a suffix that does not say."""
    syntax = ROW_SUFFIXES.get(Path(path).suffix.lower())
    if syntax is None:
        raise _suffix_error(path, ROW_SUFFIXES)
    return syntax


def read_text(path: FilePath) -> str:
    """Read a text file, line ends as they are. Raises OSError, and `GraphFileError` if it is not UTF-8."""
    try:
        return Path(path).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"not a text in UTF-8: {error.reason} at byte {error.start}"
        raise GraphFileError(os.fspath(path), [whole(message)]) from error


class Masks:
    """Reads masks that are given as paths, relative to a folder; each file once."""

    def __init__(self, folder: FilePath = "") -> None:
        self._folder = folder
        self._read: dict[str, object] = {}

    def __call__(self, mask: str) -> object:
        """Give the picture that *mask* names, as a data URI; a text that names none as it is."""
        if mask not in self._read:
            self._read[mask] = picture(mask, folder=self._folder)
        return self._read[mask]


def picture(mask: object, *, folder: FilePath = "") -> object:
    """Give the data URI of a mask: base64 text or a path. What else it is, is left to the check of the argument."""
    read = read_mask(mask, folder=folder)
    return checks.as_data_uri(cast("str", mask) if read is None else read)


def _suffix_error(path: FilePath, suffixes: Mapping[str, object]) -> GraphFileError:
    message = f"the file's suffix must say how it is written: {', '.join(suffixes)}"
    return GraphFileError(os.fspath(path), [whole(message)])
