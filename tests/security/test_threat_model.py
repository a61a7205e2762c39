"""The page about security claims what tests show, and no test of security is forgotten on it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parents[1]
PAGE: Final = TESTS.parent / "docs" / "security.md"
_DEFINED: Final = re.compile(r"^\s*(?:async )?def (test_\w+)\(", re.MULTILINE)


def defined(folder: Path) -> set[str]:
    """Give the names of all tests below a folder."""
    return {name for path in folder.rglob("test_*.py") for name in _DEFINED.findall(path.read_text(encoding="utf-8"))}


def named() -> set[str]:
    """Give the names of tests that stand on the page."""
    return set(re.findall(r"`(test_\w+)`", PAGE.read_text(encoding="utf-8")))


def test_every_test_that_the_page_names_exists() -> None:
    assert len(named()) > 50
    assert named() - defined(TESTS) == set()


def test_every_test_of_security_is_named_on_the_page() -> None:
    assert defined(Path(__file__).parent) - named() == set()


def test_every_row_of_claims_names_a_test() -> None:
    """A table of claims has a test, or several, in the last column of each row."""
    tables = re.findall(
        r"^\| claim.*\| shown by \|\n\|---\|---\|\n((?:\|.*\n)+)", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    rows = [row for table in tables for row in table.splitlines()]

    assert len(rows) > 40
    assert [row for row in rows if not re.search(r"\| `test_\w+`(, `test_\w+`)* \|$", row)] == []
