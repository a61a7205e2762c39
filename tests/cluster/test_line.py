"""What goes over the line: one notification for each delivery, never larger than PostgreSQL takes."""

from __future__ import annotations

import json
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async.cluster.line import LARGEST, packed, unpacked
from journey_async.core.deliveries import Delivery


def delivered(size: int, letter: str = "x") -> Delivery:
    return Delivery(task_id="a", intent="i", raw={"task_id": "a", "text": letter * size})


def empty_size(letter: str = "x") -> int:
    return len(packed(delivered(0, letter), sender="there").encode())


@pytest.mark.parametrize("letter", ["x", "é", "🦌", '"', "\x00"])
def test_a_body_is_left_out_from_the_byte_on_that_is_too_much(letter: str) -> None:
    each = len(json.dumps(letter).encode()) - 2
    fits = (LARGEST - empty_size()) // each
    for size in (fits, fits + 1):
        delivery = delivered(size, letter)
        payload = packed(delivery, sender="there")
        received = unpacked(payload, receiver="here")
        assert len(payload.encode()) <= LARGEST
        assert received is not None
        assert received == delivery
        assert received.raw == (delivery.raw if size == fits else {"task_id": "a"})


@given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=30))
def test_a_payload_is_plain_text_in_one_line(text: str) -> None:
    """Half characters and NUL bytes, which PostgreSQL refuses, are written as escapes."""
    payload = packed(Delivery(task_id=text, intent=text, raw={text: text}), sender=text)
    assert payload.isascii()
    assert payload.isprintable()


def test_a_body_of_any_mappings_is_written_down() -> None:
    raw = MappingProxyType({"task_id": "a", "more": MappingProxyType({"seed": [MappingProxyType({"x": 1})]})})
    received = unpacked(packed(Delivery(task_id="a", raw=raw), sender="there"), receiver="here")
    assert received is not None
    assert received.raw == {"task_id": "a", "more": {"seed": [{"x": 1}]}}
    assert received.intent is None


GOOD: dict[str, object] = {"from": "there", "task_id": "a", "intent": "i", "raw": {"task_id": "a"}}

WRONG: dict[str, list[object]] = {
    "task_id": [None, 7, ["a"], {}],
    "intent": [7, ["i"], {}, False],
    "raw": [None, "a", [], 0],
}


@pytest.mark.parametrize(
    "payload",
    [
        *("", "{", "null", "7", "[]", '"a"', "[" * 100_000),
        *(json.dumps({**GOOD, name: value}) for name, values in WRONG.items() for value in values),
        json.dumps({name: value for name, value in GOOD.items() if name != "raw"}),
        json.dumps({name: value for name, value in GOOD.items() if name != "task_id"}),
    ],
)
def test_what_is_no_delivery_is_passed_over(payload: str) -> None:
    assert unpacked(payload, receiver="here") is None


def test_who_sent_it_and_what_else_is_there_does_not_matter_to_others() -> None:
    expected = Delivery(task_id="a", intent="i")
    assert unpacked(json.dumps(GOOD), receiver="here") == expected
    assert unpacked(json.dumps(GOOD), receiver="there") is None
    assert unpacked(json.dumps({**GOOD, "from": 7, "later": True}), receiver="7") == expected
