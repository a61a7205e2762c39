"""The writer of TOML against the reader of the standard library."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from journey_async.core.toml_text import toml_text
from tests.graph import chance

if TYPE_CHECKING:
    from collections.abc import Mapping


def documents() -> st.SearchStrategy[dict[str, object]]:
    return st.dictionaries(
        st.text(max_size=4),
        st.recursive(
            chance.json_leaves(null=False),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
            max_leaves=10,
        ),
        max_size=5,
    )


@given(documents())
def test_whatever_is_written_is_read_again(document: Mapping[str, object]) -> None:
    again = tomllib.loads(toml_text(document))

    assert again == document
    assert json.dumps(again, sort_keys=True) == json.dumps(document, sort_keys=True)


def test_it_reads_well() -> None:
    document: dict[str, object] = {
        "a": 1,
        "b c": {"d": True, "e": {"f": [1.0, {"g": "\t"}], "h": {}}},
        "i": {},
        'j"': [],
    }

    assert toml_text(document) == (
        'a = 1\n"j\\"" = []\n\n["b c"]\nd = true\n\n["b c".e]\nf = [1.0, { g = "\\t" }]\n\n["b c".e.h]\n\n[i]\n'
    )
