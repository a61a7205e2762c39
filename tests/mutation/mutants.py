"""The mutants, which cosmic-ray makes, and the import of one in place of its module."""

from __future__ import annotations

import ast
import difflib
import importlib
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import CodeType, ModuleType

Place: TypeAlias = tuple[int, int]
"""A line, and a column of it."""
Span: TypeAlias = tuple[Place, Place]
"""From and to."""

CORE: Final = Path(__file__).parents[2] / "journey_async" / "core"
SIGNS: Final = ("--", "++", "@@")
"""What begins a line of a diff that shows no code."""


@frozen(kw_only=True)
class Mutant:
    """One place of a module, and what is done to it."""

    module: str
    line: int
    operator: str
    occurrence: int

    @property
    def name(self) -> str:
        """What the command line calls it."""
        return f"{self.module}:{self.operator.removeprefix('core/')}:{self.occurrence}"

    @property
    def path(self) -> Path:
        """The module's file."""
        return CORE / f"{self.module}.py"

    @property
    def source(self) -> str:
        """The module's text, broken."""
        mutate = cosmic_ray("mutating").mutate_code
        return str(mutate(self.path.read_text(), operator(self.operator), self.occurrence))

    @property
    def diff(self) -> str:
        """The lines that are changed, before and after."""
        before, after = self.path.read_text().splitlines(), self.source.splitlines()
        return "\n".join(
            line for line in difflib.unified_diff(before, after, n=0, lineterm="") if line[:2] not in SIGNS
        )


class Broken(SourceFileLoader):
    """Loads the module of a mutant in place of the one on disk."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(f"journey_async.core.{mutant.module}", str(mutant.path))
        self._source = mutant.source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._source, self.path, "exec", dont_inherit=True)

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        spec = ModuleSpec(name, self, origin=self.path)
        spec.has_location = True
        return spec


def cosmic_ray(part: str) -> Any:
    """A module of cosmic-ray, which has no types."""
    module: ModuleType = importlib.import_module(f"cosmic_ray.{part}")
    return module


def operator(name: str) -> Any:
    return cosmic_ray("plugins").get_operator(name)()


def all_mutants(modules: Iterable[str]) -> Iterator[Mutant]:
    """Every mutant of these modules, but those that no test could ever see."""
    names = [name for name in cosmic_ray("plugins").operator_names() if not _needs_arguments(name)]
    for module in modules:
        path = CORE / f"{module}.py"
        unseen, signs = never_run(path.read_text()), calculations(path.read_text())
        nodes = list(cosmic_ray("ast").ast_nodes(cosmic_ray("ast").get_ast(path.read_text())))
        for name in names:
            places = (place for node in nodes for place in operator(name).mutation_positions(node))
            for occurrence, (start, end) in enumerate(places):
                real = "BinaryOperator" not in name or _is_in(signs, start, end)
                if real and not _is_in(unseen, start, end):
                    yield Mutant(module=module, line=start[0], operator=name, occurrence=occurrence)


def _is_in(spans: Iterable[Span], start: Place, end: Place) -> bool:
    return any(first <= start and end <= last for first, last in spans)


def _needs_arguments(name: str) -> bool:
    return bool(cosmic_ray("plugins").get_operator(name).arguments())


def never_run(source: str) -> list[Span]:
    """Where annotations, aliases of types and what only type checkers read stand."""
    found: list[ast.AST | None] = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.AnnAssign(annotation=ast.Name(id="TypeAlias")) | ast.If(test=ast.Name(id="TYPE_CHECKING")):
                found.append(node)
            case ast.AnnAssign(annotation=annotation) | ast.arg(annotation=annotation):
                found.append(annotation)
            case ast.FunctionDef(returns=annotation):
                found.append(annotation)
            case _:
                pass
    lines = source.splitlines()
    return [(_start(lines, each), _end(lines, each)) for each in found if isinstance(each, ast.expr | ast.stmt)]


def calculations(source: str) -> list[Span]:
    """Where the signs between two operands stand; cosmic-ray takes the star of a signature or a call for one too."""
    lines = source.splitlines()
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.BinOp)]
    return [(_end(lines, node.left), _start(lines, node.right)) for node in found]


def _start(lines: Sequence[str], node: ast.expr | ast.stmt) -> Place:
    return node.lineno, _column(lines[node.lineno - 1], node.col_offset)


def _end(lines: Sequence[str], node: ast.expr | ast.stmt) -> Place:
    line, offset = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
    return line, _column(lines[line - 1], offset)


def _column(line: str, offset: int) -> int:
    """ast counts bytes, cosmic-ray characters."""
    return len(line.encode()[:offset].decode())
