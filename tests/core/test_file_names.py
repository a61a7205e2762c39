"""Names that are safe on every system, whatever they are made of."""

from __future__ import annotations

import re
import sys
import unicodedata
from pathlib import PureWindowsPath
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journey_async.core.download_defaults import DEFAULT_NAME
from journey_async.core.file_names import FIELDS, LONGEST_NAME, NameTemplate, name_template, numbered
from journey_async.errors import Fault

VALUES = {"prompt": "an elk", "task_id": "t-1", "action": "imagine", "key": "left", "n": "1", "ext": "png"}
WILD = st.text(st.characters(exclude_categories=()), max_size=40) | st.sampled_from(
    ("", ".", "..", "/", "../../etc/passwd", "C:\\x", "nul", "COM¹", "\ud800", "\u202egnp.exe", "e\u0301", "鹿" * 90)
)
TEMPLATES = (
    *(DEFAULT_NAME, "{prompt}", "{ext}", "{n}.{ext}", "{prompt}/{task_id}/{n}.{ext}", "{key}{action}", "con.{ext}"),
    *("{prompt}" * 9, "{prompt}.{prompt}", "e{prompt}", "é" * 200 + ".{ext}", "{{{n}}}.{ext}", "a.{prompt}x{n}"),
)


def template(text: str) -> NameTemplate:
    checked = name_template(text)
    assert isinstance(checked, NameTemplate)
    return checked


def filled(text: str, **values: str) -> str:
    (name,) = template(text).fill({**VALUES, **values})
    return name


if sys.version_info >= (3, 13):
    from ntpath import isreserved as reserved
else:

    def reserved(name: str) -> bool:
        """Tell whether Windows keeps the name for a device."""
        return PureWindowsPath(name).is_reserved()


def is_safe(name: str) -> bool:
    """Tell it by other means than the code does."""
    return (
        0 < len(name.encode()) <= 255
        and name == unicodedata.normalize("NFC", name)
        and not set(name) & set('<>:"/\\|?*')
        and not any(unicodedata.category(char) in {"Cc", "Cs"} or char in "\u202a\u202e\u2066" for char in name)
        and name[0] not in ". "
        and name[-1] not in ". "
        and not reserved(name)
        and PureWindowsPath(name).name == name
    )


# --- any values


@given(st.sampled_from(TEMPLATES), st.fixed_dictionaries(dict.fromkeys(FIELDS, WILD)))
@example("{prompt}", {**VALUES, "prompt": "COM1"})
@example("{key}{action}", {**VALUES, "key": "n", "action": "ul"})
@example("e{prompt}", {**VALUES, "prompt": "\u0301" * 50})
@example("{prompt}" * 9, {**VALUES, "prompt": "鹿" * 400})
def test_any_values_give_as_many_safe_names_as_the_template_has(text: str, values: dict[str, str]) -> None:
    parts = template(text).fill(values)

    assert len(parts) == text.count("/") + 1
    assert [part for part in parts if not is_safe(part)] == []


@given(st.fixed_dictionaries(dict.fromkeys(FIELDS, WILD)), st.integers(1, 9999))
def test_any_name_stays_safe_and_keeps_its_extension_when_it_is_numbered(values: dict[str, str], number: int) -> None:
    (name,) = template("{prompt}" * 9 + "-{n}.{ext}").fill({**values, "ext": "png"})
    marked = numbered(name, number)

    assert is_safe(marked)
    assert marked.endswith(".png" if number == 1 else f" ({number}).png")


@given(st.text(st.characters(exclude_categories=()), max_size=20) | st.from_regex(r"[{}a-z/. ]{0,12}", fullmatch=True))
def test_any_text_is_a_template_whose_names_are_safe_or_a_fault(text: str) -> None:
    checked = name_template(text)

    if isinstance(checked, Fault):
        assert "use {prompt}, {task_id}, {action}, {key}, {n}, {ext} and plain text" in checked.message
    else:
        assert [part for part in checked.fill(VALUES) if not is_safe(part)] == []


# --- what a name looks like


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a majestic elk in a misty forest --ar 16:9", "a-majestic-elk-in-a-misty-forest-ar-16-9"),
        ("  elk!!! ", "elk"),
        ("snake_case v6.1", "snake_case-v6-1"),
        ("Ein Hirsch, ganz früh", "Ein-Hirsch-ganz-früh"),
        ("fru\u0308h", "früh"),
        ("鹿 と 🦌", "鹿-と-🦌"),
        ("../../etc/passwd", "etc-passwd"),
        ("x.exe\x00.png", "x-exe-png"),
        ("", "_"),
        ("???", "_"),
        ("a" * 101, "a" * 100),
        ("é" * 60, "é" * 50),
        ("a" * 99 + "--b", "a" * 99),
    ],
)
def test_a_prompt_becomes_a_part_of_a_name(prompt: str, expected: str) -> None:
    assert filled("{prompt}", prompt=prompt) == expected


def test_a_long_prompt_does_not_push_out_the_rest() -> None:
    assert filled(DEFAULT_NAME, prompt="elk " * 1000).endswith("-t-1-1.png")


@pytest.mark.parametrize("name", ["con", "NUL", "aux.png", "Com1.tar.png", "lpt9", "COM²", "conin$", "nul .png"])
def test_a_device_of_windows_is_no_name(name: str) -> None:
    assert filled(name) == f"_{name}"


@pytest.mark.parametrize("name", ["console", "com10", "nuls.png", "elk-con"])
def test_what_only_looks_like_a_device_stays(name: str) -> None:
    assert filled(name) == name


def test_the_slashes_of_a_template_make_folders() -> None:
    assert template("{action}/{task_id}/{n}.{ext}").fill(VALUES) == ("imagine", "t-1", "1.png")


def test_doubled_braces_are_braces() -> None:
    assert filled("{{{n}}}") == "{1}"


def test_a_long_name_is_cut_before_its_extension() -> None:
    name = filled("x" * 300 + ".{ext}")

    assert name == "x" * 251 + ".png"
    assert numbered(name, 12) == "x" * 246 + " (12).png"


def test_a_long_name_is_not_cut_within_a_character_nor_to_a_blank_at_its_end() -> None:
    assert filled("é" * 200 + ".{ext}") == "é" * 125 + ".png"
    assert filled("x" * 254 + " y") == "x" * 254


def test_what_is_too_long_for_an_extension_is_none() -> None:
    assert numbered("elk.of the misty forest", 2) == "elk.of the misty forest (2)"
    assert numbered("elk", 2) == "elk (2)"
    assert len(filled("a." + "x" * 300).encode()) == LONGEST_NAME


# --- faults


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "name must not be empty"),
        ("/elk.png", "nor start or end with a slash"),
        ("a//b", "nor have two together"),
        ("a/", "nor start or end with a slash"),
        ("../elk.png", "no part that starts or ends with a dot or a blank"),
        ("a/../b", "no part that starts or ends with a dot or a blank"),
        (".elk", "no part that starts or ends with a dot or a blank"),
        ("elk.", "no part that starts or ends with a dot or a blank"),
        ("a /b", "no part that starts or ends with a dot or a blank"),
        ("a\\b", "no character that a system forbids"),
        ("C:elk", "no character that a system forbids"),
        ("elk\n", "no character that a system forbids"),
        ("elk\u202e", "no character that a system forbids"),
        ("elk\ud800", "no character that a system forbids"),
        ("{seed}", "name has a field that there is not"),
        ("{}", "name has a field that there is not"),
        ("{0}", "name has a field that there is not"),
        ("{prompt.__class__}", "name has a field that there is not"),
        ("{prompt[0]}", "name has a field that there is not"),
        ("{n:>300}", "name has a field that there is not"),
        ("{n!r}", "name has a field that there is not"),
        ("{n", "name cannot be read"),
        ("n}", "name cannot be read"),
        ("{a/b}", "name cannot be read"),
        (None, "name must be a text"),
        (7, "name must be a text"),
    ],
)
def test_a_template_that_will_not_do_is_told_with_what_will(text: Any, wrong: str) -> None:
    fault = name_template(text)

    assert isinstance(fault, Fault)
    assert (fault.argument, fault.value) == ("name", text)
    assert re.search(re.escape(wrong), fault.message)
    assert fault.message.endswith(f"such as {DEFAULT_NAME}")
