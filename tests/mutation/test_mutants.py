"""Mutation testing can be trusted: it takes every module, leaves out what never runs, and changes no file."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent

import pytest

from tests.mutation.mutants import CORE, Broken, all_mutants, calculations, never_run
from tests.mutation.seen_by import SEEN_BY

TESTS = Path(__file__).parents[1]


def test_every_module_of_the_core_has_tests_that_can_see_it() -> None:
    assert set(SEEN_BY) == {file.stem for file in CORE.glob("*.py")} - {"__init__"}
    assert [name for files in SEEN_BY.values() for name in files if not (TESTS / f"{name}.py").is_file()] == []


def test_what_only_type_checkers_read_is_left_out_and_what_runs_is_not() -> None:
    source = dedent("""
        if TYPE_CHECKING:
            import this
        Both: TypeAlias = int | str
        "→"; size: int | None = 1 | 2
        def twice(number: int | str) -> int | str:
            return number * 2
    """)
    lines = source.splitlines()
    found = sorted(never_run(source))
    texts = [lines[line - 1][column:last_column] for (line, column), (last, last_column) in found if line == last]
    assert texts == ["Both: TypeAlias = int | str", "int | None", "int | str", "int | str"]
    assert [(line, last) for (line, _), (last, _) in found if line != last] == [(2, 3)]


def test_a_star_of_a_signature_or_a_call_is_no_calculation() -> None:
    source = "def twice(*, number):\n    return max(*SMALL, (number) * 2)\n"
    [((line, start), (_, end))] = calculations(source)
    assert (line, source.splitlines()[1][start:end]) == (2, ") * ")


@pytest.mark.skipif(find_spec("cosmic_ray") is None, reason="needs cosmic-ray")
def test_a_mutant_is_the_module_with_one_change() -> None:
    mutant = next(all_mutants(["scheduling"]))
    before, after = mutant.path.read_text().splitlines(), mutant.source.splitlines()
    assert [line for line, (old, new) in enumerate(zip(before, after, strict=True), 1) if old != new] == [mutant.line]
    spec = Broken(mutant).find_spec("journey_async.core.scheduling")
    assert spec is not None
    assert Broken(mutant).find_spec("journey_async.core.rules") is None
    assert mutant.path.read_text().splitlines() == before
