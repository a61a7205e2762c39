"""What the journal of a run keeps, record by record."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from attrs import fields
from hypothesis import given
from hypothesis import strategies as st

from journey_async.core.records import (
    Accepted,
    DamageError,
    Doubted,
    Ended,
    IndexChosen,
    Intended,
    NodeDrawn,
    Record,
    Refused,
    Returned,
    RunBegan,
    Settled,
    decode,
    encode,
    error_as_values,
    error_from_values,
)
from journey_async.errors import ApiError, BadRequestError, InvalidRequestError, JourneyError
from tests.core import chance
from tests.graph.chance import broken

texts = st.text(st.characters(exclude_categories=()), max_size=8)
numbers = st.integers(-1, 9)
times = st.floats(0, 1e10)
objects = st.dictionaries(
    texts,
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
        max_leaves=4,
    ),
    max_size=3,
)


def records() -> st.SearchStrategy[Record]:
    """Make records of every type, with any text in them."""
    maybe = st.none() | texts
    slots = st.none() | numbers
    how: Any = st.sampled_from(["adopted", "resubmitted", "abandoned"])
    return st.one_of(
        st.builds(
            RunBegan,
            at=times,
            version=texts,
            slots=slots,
            balance=times,
            keys=st.dictionaries(texts, texts, max_size=3),
        ),
        st.builds(NodeDrawn, number=numbers, parent=st.none() | numbers, table=objects),
        st.builds(IndexChosen, number=numbers, index=maybe),
        st.builds(Intended, at=times, intent=texts, number=numbers, parent=maybe, credits=numbers),
        st.builds(Accepted, at=times, intent=texts, task_id=texts),
        st.builds(Returned, intent=texts, why=texts),
        st.builds(Refused, at=times, intent=texts, error=objects),
        st.builds(Doubted, intent=texts, why=texts),
        st.builds(Ended, at=times, number=numbers, failed=st.booleans(), task=objects),
        st.builds(Settled, at=times, number=numbers, how=how, task_id=maybe),
    )


@given(records())
def test_every_record_comes_back_as_it_was(record: Record) -> None:
    """Half characters too, which no file could hold as they are."""
    text = encode(record)

    assert decode(text) == record
    assert text.isascii()
    assert "\n" not in text


def read(text: str) -> Record | DamageError:
    try:
        return decode(text)
    except DamageError as error:
        return error


@given(
    st.text()
    | chance.json_values().map(json.dumps)
    | records().map(encode)
    | broken(records().map(encode))
    | st.dictionaries(st.sampled_from(["record", "at", "intent", "number"]), chance.json_values()).map(json.dumps)
)
def test_any_text_gives_a_record_or_is_told_to_be_damaged(text: str) -> None:
    found = read(text)

    assert isinstance(found, DamageError) or decode(encode(found)) == found or "NaN" in text


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "{}", '{"record":"elk"}', '{"record":[]}', "[" * 100_000, "1" * 5000]
)
def test_what_no_run_writes_is_damage(text: str) -> None:
    with pytest.raises(DamageError, match="does not write"):
        decode(text)


def test_damage_shows_the_first_80_characters_of_the_record() -> None:
    with pytest.raises(DamageError) as caught:
        decode("1" * 79 + "23")
    assert str(caught.value).endswith(f": {'1' * 79 + '2'!r}")


WRONG: dict[str, tuple[object, ...]] = {
    "float": ("1", None, True, []),
    "int": ("1", None, True, 1.5),
    "int | None": ("1", True, 1.5),
    "str": (1, None, [], True),
    "str | None": (1, [], False),
    "bool": (1, None, "true"),
    "Mapping[str, object]": (None, [], "a", 1),
    "Mapping[str, str]": (None, [], {"a": 1}, {"a": None}),
    "Literal['adopted', 'resubmitted', 'abandoned']": ("adopt", None, ["adopted"], 1),
}


@given(records(), st.data())
def test_a_field_that_is_missing_unknown_or_of_another_type_is_damage(record: Record, data: st.DataObject) -> None:
    values = json.loads(encode(record))
    about = data.draw(st.sampled_from(fields(type(record))))
    how = data.draw(st.sampled_from(["missing", "unknown", "wrong"]))
    if how == "missing":
        del values[about.name]
    elif how == "unknown":
        values["elk"] = 1
    else:
        values[about.name] = data.draw(st.sampled_from(WRONG[str(about.type).replace('"', "'")]))

    with pytest.raises(DamageError):
        decode(json.dumps(values))


def test_what_a_service_says_may_hold_what_json_has_no_word_for() -> None:
    """Python reads NaN in a reply; the journal holds it, too."""
    record = Ended(at=1.0, number=0, failed=False, task={"percentage": math.nan})

    found = decode(encode(record))

    assert isinstance(found, Ended)
    assert found.task["percentage"] != found.task["percentage"]


def api_error(status: int, body: str = "") -> ApiError:
    kind = BadRequestError if status == 400 else ApiError
    return kind("it said no", method="POST", path="/pan", status=status, body=body, messages=["a", "b"], paid=True)


@pytest.mark.parametrize("error", [api_error(400), api_error(403, "x" * 1000), api_error(422, "é")], ids=str)
def test_a_refusal_comes_back_as_it_was(error: ApiError) -> None:
    """Its body too, which is shortened once and not twice."""
    again = error_from_values(json.loads(json.dumps(error_as_values(error))))

    assert type(again) is type(error)
    assert isinstance(again, ApiError)
    assert vars(again) == vars(error)


def test_an_error_without_a_reply_keeps_its_words() -> None:
    again = error_from_values(error_as_values(InvalidRequestError("pan", [])))

    assert str(again) == str(InvalidRequestError("pan", []))
    assert not isinstance(again, ApiError)


@given(objects | st.dictionaries(st.sampled_from(["message", "status", "messages", "body"]), chance.json_values()))
def test_any_values_give_an_error(values: dict[str, object]) -> None:
    assert isinstance(error_from_values(values), JourneyError)
