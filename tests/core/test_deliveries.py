"""Deliveries: any request to a webhook gives a decision, and only the secret makes a delivery of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async.core import deliveries
from journey_async.core.deliveries import Answer, Delivery, decide, intent_in, may_be, read_as, refuse, webhook_url_for
from journey_async.core.kinds import (
    Description,
    Grid,
    ImagineGrid,
    Kind,
    PanGrid,
    Picture,
    Result,
    UpscaledPicture,
    Videos,
)
from journey_async.core.tasks import Failed, Finished, Unfinished
from tests.core import samples
from tests.core.chance import bodies, task_objects

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hypothesis.strategies import SearchStrategy

    from journey_async.core.deliveries import Characters, Decision

SECRET = b"a secret of 24 letters.."
OLD = b"the secret before that.."
SIGNED = ((b"content-type", b"application/json"), (b"x-webhook-secret", SECRET))
INTENT = "0f8fad5bd9cb469fa16570867728950e"
FINISHED = {
    "task_id": samples.GRID_ID,
    "task_type": "imagine",
    "status": "finished",
    "percentage": "100",
    "original_image_url": samples.SHEET,
    "image_urls": list(samples.TILES),
}
FAILED = {
    "task_id": samples.GRID_ID,
    "task_type": "imagine",
    "status": "failed",
    "error": "Content policy violation",
}

texts = st.text(st.characters(exclude_categories=()), max_size=20)
characters: SearchStrategy[Characters] = st.one_of(texts, st.binary(max_size=20))


def header_names() -> SearchStrategy[Characters]:
    """Make names of headers, among them the right one in any case."""
    mixed = st.lists(st.booleans(), min_size=16, max_size=16).map(
        lambda upper: "".join(c.upper() if up else c for c, up in zip("x-webhook-secret", upper, strict=True))
    )
    return st.one_of(mixed, mixed.map(str.encode), characters)


def header_lists(values: SearchStrategy[Characters]) -> SearchStrategy[list[tuple[Characters, Characters]]]:
    return st.lists(st.tuples(header_names(), values), max_size=3)


methods = st.sampled_from(("POST", "GET", "HEAD", "PUT", "OPTIONS", "post", "")) | texts
queries = st.one_of(characters, characters.map(lambda value: f"intent={value!r}"), st.just(b"intent=%ff&intent=%00"))
wild_values: SearchStrategy[Characters] = st.one_of(
    characters, st.sampled_from((SECRET, SECRET.decode(), OLD, SECRET[:-1], SECRET + b" "))
)


def decision(
    body: object = FINISHED,
    *,
    method: str = "POST",
    headers: Iterable[tuple[Characters, Characters]] = SIGNED,
    query: Characters = f"intent={INTENT}",
    secrets: tuple[bytes, ...] = (SECRET,),
    largest_body: int = 1024 * 1024,
) -> Decision:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return decide(method, headers, query, data, secrets=secrets, largest_body=largest_body)


def delivered(body: object = FINISHED, *, query: Characters = f"intent={INTENT}") -> Delivery:
    came = decision(body, query=query)
    assert isinstance(came, Delivery)
    return came


def status(came: Decision) -> int | None:
    return came.status if isinstance(came, Answer) else None


# Any request


@given(method=methods, headers=header_lists(wild_values), query=queries, body=bodies(), limit=st.integers(1, 2000))
def test_any_request_gives_a_decision(
    method: str, headers: list[tuple[Characters, Characters]], query: Characters, body: bytes, limit: int
) -> None:
    came = decision(body, method=method, headers=headers, query=query, secrets=(SECRET, OLD), largest_body=limit)

    if isinstance(came, Answer):
        assert came.status in {200, 400, 401, 405, 413}
    else:
        assert method == "POST"
        assert len(body) <= limit
        assert came.task_id.strip()


@given(headers=header_lists(characters), query=queries, body=bodies())
def test_without_the_secret_nothing_is_a_delivery(
    headers: list[tuple[Characters, Characters]], query: Characters, body: bytes
) -> None:
    assert status(decision(body, headers=headers, query=query)) == 401


@given(given_secret=st.text(st.characters(exclude_categories=())) | st.binary(), place=st.integers(0, len(SECRET) - 1))
def test_what_differs_from_the_secret_is_refused(given_secret: Characters, place: int) -> None:
    altered = SECRET[:place] + bytes((SECRET[place] ^ 1,)) + SECRET[place + 1 :]

    for value in (given_secret, altered, SECRET[:place], SECRET + b"x", SECRET.upper()):
        assert status(decision(headers=[("x-webhook-secret", value)])) == 401


@given(body=task_objects() | bodies(), query=queries)
def test_whatever_comes_with_the_secret_can_be_read_or_is_answered(body: object, query: Characters) -> None:
    came = decision(body, query=query)

    if isinstance(came, Delivery):
        for kind in (Result, ImagineGrid):
            state = came.state(kind)
            assert state is None or state.task_id == came.task_id
    else:
        assert came.status in {200, 400}


# The secret


@pytest.mark.parametrize("name", ["x-webhook-secret", b"X-Webhook-Secret", "X-WEBHOOK-SECRET"])
@pytest.mark.parametrize("value", [SECRET, SECRET.decode()])
def test_the_header_may_be_written_in_any_case_as_text_or_bytes(name: Characters, value: Characters) -> None:
    assert isinstance(decision(headers=[(name, value)]), Delivery)


@pytest.mark.parametrize("value", [SECRET, OLD])
def test_each_of_several_secrets_is_right(value: bytes) -> None:
    assert isinstance(decision(headers=[("x-webhook-secret", value)], secrets=(SECRET, OLD)), Delivery)


def test_two_secrets_in_one_request_are_refused() -> None:
    assert status(decision(headers=[*SIGNED, ("x-webhook-secret", OLD)])) == 401


@pytest.mark.parametrize("value", ["\ud800", "päss", b"p\xe4ss", "", "\x00", "🫎" * 24])
def test_a_secret_that_no_header_can_carry_is_wrong_like_any_other(value: Characters) -> None:
    assert status(decision(headers=[("x-webhook-secret", value)])) == 401
    assert isinstance(decision(headers=[(value, value), *SIGNED]), Delivery)


def test_nothing_is_right_where_there_is_no_secret() -> None:
    assert status(decision(headers=[("x-webhook-secret", b"")], secrets=())) == 401


def test_a_request_is_refused_before_its_body_is_read() -> None:
    assert refuse("POST", SIGNED, secrets=(SECRET,)) is None
    assert refuse("POST", (), secrets=(SECRET,)) == deliveries.NO_SECRET
    for name in ("x-webhook-secreu", "x-webhook-secres", "y-webhook-secret"):
        assert refuse("POST", [(name, SECRET)], secrets=(SECRET,)) == deliveries.NO_SECRET
        assert refuse("POST", [(name, b"?"), ("x-webhook-secret", SECRET)], secrets=(SECRET,)) is None
    assert refuse("GET", SIGNED, secrets=(SECRET,)) == deliveries.NO_POST


def test_a_stranger_learns_nothing_about_the_body() -> None:
    assert status(decision(b"x" * 100, headers=(), largest_body=10)) == 401


# The body


def test_a_finished_task_is_told_with_its_intent() -> None:
    came = delivered()

    assert Delivery(task_id=samples.GRID_ID, intent=INTENT) == came
    assert came.raw == FINISHED
    grid = ImagineGrid(task_id=samples.GRID_ID, original_image_url=samples.SHEET, image_urls=samples.TILES)
    assert came.state() == Finished(result=grid)


def test_a_failed_task_is_told_with_the_words_of_the_service() -> None:
    state = delivered(FAILED).state(ImagineGrid)

    assert Failed(task_id=samples.GRID_ID, error="Content policy violation", kind=ImagineGrid) == state


def test_the_kind_that_is_known_decides_because_the_body_has_no_model() -> None:
    state = delivered({"task_id": "t", "status": "processing", "percentage": "45"}).state(Picture)

    assert Unfinished(task_id="t", status="processing", percentage=45, kind=Picture) == state


def test_a_state_that_cannot_be_read_is_still_a_reason_to_ask() -> None:
    came = delivered({"task_id": "t", "task_type": "imagine", "status": "finished"})

    assert came.task_id == "t"
    assert came.state(ImagineGrid) is None


def test_a_number_is_read_as_an_id() -> None:
    assert delivered({"task_id": 12}).task_id == "12"


@pytest.mark.parametrize("body", [{}, {"task_id": ""}, {"task_id": " "}, {"task_id": None}, {"task_id": True}])
def test_a_whole_body_without_a_task_is_not_asked_for_again(body: object) -> None:
    assert decision(body) == deliveries.NO_TASK


@pytest.mark.parametrize("body", [b"", b"{", json.dumps(FINISHED).encode()[:-1], b"[]", b"7", b"\xff", b"[" * 10**6])
def test_a_body_that_may_have_been_cut_is_asked_for_again(body: bytes) -> None:
    assert decision(body) == deliveries.NO_JSON


def test_a_body_of_the_largest_size_is_read_and_one_byte_more_is_refused() -> None:
    body = json.dumps(FINISHED).encode()

    assert isinstance(decision(body, largest_body=len(body)), Delivery)
    assert decision(body + b" ", largest_body=len(body)) == deliveries.TOO_LARGE


def test_no_value_shows_what_came() -> None:
    assert "cdn" not in repr(delivered())


# The intent in the URL


@pytest.mark.parametrize(
    ("public_url", "expected"),
    [
        ("https://a.de/journey", "https://a.de/journey?intent=i1"),
        ("https://a.de/journey/", "https://a.de/journey/?intent=i1"),
        ("https://a.de", "https://a.de?intent=i1"),
        ("https://a.de/j?", "https://a.de/j?intent=i1"),
        ("https://a.de/j?key=a%2Fb+c", "https://a.de/j?key=a%2Fb+c&intent=i1"),
        ("https://a.de/j?key=1&", "https://a.de/j?key=1&intent=i1"),
        ("https://a.de/j?key=1#part?x", "https://a.de/j?key=1&intent=i1#part?x"),
        ("https://a.de/j#part", "https://a.de/j?intent=i1#part"),
    ],
)
def test_the_intent_joins_the_query_and_nothing_else_changes(public_url: str, expected: str) -> None:
    assert expected == webhook_url_for(public_url, "i1")


@given(
    intent=st.text(min_size=1).filter(str.strip),
    query=st.sampled_from(("", "?", "?key=1", "?intent=theirs", "?intent=a&intent=b&", "?;;&&=")),
)
def test_every_intent_comes_back_from_the_url(intent: str, query: str) -> None:
    came = urlsplit(webhook_url_for(f"https://a.de/journey{query}", intent)).query

    assert intent == intent_in(came) == intent_in(came.encode())
    assert dict(parse_qsl(came))["intent"] == intent


# What an intent gives, and what a delivery says


@pytest.mark.parametrize(
    ("item", "kind", "expected"),
    [
        (FINISHED, ImagineGrid, True),
        (FINISHED, Grid, True),
        (FINISHED, PanGrid, False),
        (FINISHED, Picture, False),
        (FINISHED, Description, False),
        # It does not say, or not all.
        ({"task_id": "t1"}, Videos, True),
        ({"task_type": "imagine", "status": "processing"}, ImagineGrid, True),
        ({"task_type": "imagine", "status": "processing"}, Picture, True),
        ({"task_type": "new", "image_url": "https://a.de/1.png"}, UpscaledPicture, True),
        ({"task_type": "new", "image_url": "https://a.de/1.png"}, PanGrid, False),
        ({"task_type": "upscale#1"}, UpscaledPicture, True),
        ({"task_type": "pan-left"}, PanGrid, True),
        ({"task_type": ["pan-left"]}, PanGrid, True),
    ],
)
def test_a_task_is_not_taken_for_one_of_another_kind(item: dict[str, object], kind: Kind, expected: bool) -> None:
    assert may_be(item, kind) is expected


def test_a_task_is_read_as_what_it_should_be() -> None:
    read = read_as({**FINISHED, "task_type": "new"}, PanGrid)

    assert isinstance(read, Finished)
    assert read.kind is PanGrid
    assert read_as(FINISHED, PanGrid) is None
    assert read_as({**FINISHED, "image_urls": []}, ImagineGrid) is None


@given(task_objects(), st.sampled_from([Result, Picture, ImagineGrid, Videos, Description]))
def test_any_object_is_read_as_what_it_should_be_or_not_at_all(item: dict[str, object], kind: Kind) -> None:
    state = read_as(item, kind)

    assert state is None or issubclass(state.kind, kind)


@pytest.mark.parametrize("query", ["", b"", "intent=", b"intent=+", "INTENT=x", "key=1", b"\xff=\xff", "\ud800=1"])
def test_a_delivery_without_an_intent_is_a_delivery(query: Characters) -> None:
    assert delivered(query=query).intent is None


def test_a_body_may_have_a_mebibyte() -> None:
    assert deliveries.LARGEST_BODY == 1_048_576
