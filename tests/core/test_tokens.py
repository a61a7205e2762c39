"""Tokens: every follow-up of every task comes back as it went, and nothing else comes in."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from journey_async.core.follow_ups import FOLLOW_UPS, FollowUp, follow_ups
from journey_async.core.kinds import ImagineGrid, Result
from journey_async.core.tokens import CODES, LIMIT, PREFIX, NextAction, next_actions, read_token, token
from journey_async.errors import ConfigurationError, InvalidRequestError
from tests.core.calls import GRID_ID
from tests.core.published import KINDS

SECRET = "one key of a bot"
ALL = tuple(FOLLOW_UPS.values())
EACH = pytest.mark.parametrize("follow_up", ALL, ids=lambda follow_up: follow_up.name)
SIGNED_OR_NOT = pytest.mark.parametrize("secret", [None, SECRET], ids=["unsigned", "signed"])
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
NO_TOKEN = "this is no token, or one of another version: tokens begin with j1:"
ALTERED = "the token was altered or cut off, or made with another secret"

texts = st.text(st.characters(exclude_categories=()), max_size=70)
uuids = st.uuids().map(str)
task_ids = uuids | st.text(min_size=1, max_size=47).filter(lambda text: text.strip() and len(text.encode()) <= 47)
secrets = st.none() | st.binary(min_size=1).filter(bytes.strip) | st.text(min_size=1).filter(str.strip)
some_follow_up = st.sampled_from(ALL)


def refused(text: Any, *, secret: str | bytes | None = None) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as caught:
        read_token(text, secret=secret)
    return caught.value


def test_the_codes_in_tokens_that_are_out_there_never_change() -> None:
    expected = {
        "u1": "u1",
        "u2": "u2",
        "u3": "u3",
        "u4": "u4",
        "v1": "v1",
        "v2": "v2",
        "v3": "v3",
        "v4": "v4",
        "u1-2x": "d1",
        "u2-2x": "d2",
        "u3-2x": "d3",
        "u4-2x": "d4",
        "u1-4x": "q1",
        "u2-4x": "q2",
        "u3-4x": "q3",
        "u4-4x": "q4",
        "extend-1": "e1",
        "extend-2": "e2",
        "extend-3": "e3",
        "extend-4": "e4",
        "reroll": "rr",
        "seed": "sd",
        "upscale-subtle": "us",
        "upscale-creative": "uc",
        "upscale-2x": "ud",
        "upscale-4x": "uq",
        "vary-subtle": "vl",
        "vary-strong": "vs",
        "vary-region": "vr",
        "zoom-out-2x": "z2",
        "zoom-out-1.5x": "z1",
        "custom-zoom": "zc",
        "make-square": "zs",
        "pan-left": "pl",
        "pan-right": "pr",
        "pan-up": "pu",
        "pan-down": "pd",
    }

    assert dict(CODES) == expected


def test_the_layout_of_tokens_that_are_out_there_never_changes() -> None:
    assert token(FOLLOW_UPS["u2"], GRID_ID) == "j1:u2z0yRruFEOiUuVQ6EAOKbQdSnFkRmVUQAAA"
    assert token(FOLLOW_UPS["u2"], GRID_ID, secret=SECRET) == "j1:u2pzEaPBhVpi8uVQ6EAOKbQdSnFkRmVUQAAA"
    assert token(FOLLOW_UPS["pan-left"], "jj4m2i44", secret=SECRET) == "j1:plwj-suZUIVUQtjj4m2i44"


def test_every_follow_up_has_one_code_of_two_characters() -> None:
    assert set(CODES) == set(FOLLOW_UPS)
    assert len(set(CODES.values())) == len(CODES)
    assert all(len(code) == 2 and code.isascii() and code.isalnum() for code in CODES.values())


@SIGNED_OR_NOT
@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.__name__)
def test_every_follow_up_of_every_kind_comes_back_as_it_went(kind: type[Result], secret: str | None) -> None:
    offered = next_actions(kind, GRID_ID, secret=secret)

    assert [read_token(action.token, secret=secret) for action in offered] == list(offered)
    assert [action.name for action in offered] == [follow_up.name for follow_up in follow_ups(kind)]


@EACH
def test_a_next_action_is_its_follow_up_with_the_task_and_the_token(follow_up: FollowUp) -> None:
    written = token(follow_up, GRID_ID)
    told = {name: getattr(follow_up, name) for name in FollowUp.__annotations__}

    assert read_token(written) == NextAction(**told, task_id=GRID_ID, token=written)


@given(follow_up=some_follow_up, task_id=task_ids, secret=secrets)
def test_any_task_id_comes_back_as_it_went_from_at_most_64_bytes(
    follow_up: FollowUp, task_id: str, secret: str | bytes | None
) -> None:
    written = token(follow_up, task_id, secret=secret)
    read = read_token(written, secret=secret)

    assert (read.name, read.task_id, read.token) == (follow_up.name, task_id, written)
    assert written.startswith(PREFIX)
    assert len(written.encode()) <= LIMIT


def test_a_token_of_exactly_64_bytes_comes_back_and_a_longer_id_is_refused() -> None:
    longest = "7" * 47
    written = token(FOLLOW_UPS["v1"], longest)

    assert len(written) == LIMIT
    assert read_token(written).task_id == longest
    with pytest.raises(InvalidRequestError):
        token(FOLLOW_UPS["v1"], longest + "7")


@given(follow_up=some_follow_up, task_id=uuids, secret=secrets)
def test_the_token_of_a_uuid_has_39_characters_that_no_button_stumbles_over(
    follow_up: FollowUp, task_id: str, secret: str | bytes | None
) -> None:
    written = token(follow_up, task_id, secret=secret)

    assert len(written) == 39
    assert set(written) <= {*ALPHABET, ":"}


@pytest.mark.parametrize(
    "task_id",
    [
        GRID_ID.upper(),
        f"{{{GRID_ID}}}",
        GRID_ID.replace("-", ""),
        "aa5d3955-d74g-96i9-f261-991100995555",
        " 7 ",
        "é" * 23,
    ],
)
def test_an_id_that_is_no_uuid_in_lower_case_is_carried_letter_for_letter(task_id: str) -> None:
    written = token(FOLLOW_UPS["v1"], task_id)

    assert written.endswith(f"t{task_id}")
    assert read_token(written).task_id == task_id


def test_an_id_of_47_bytes_fills_the_token_to_the_last_byte() -> None:
    assert len(token(FOLLOW_UPS["u1"], "x" * 47).encode()) == 64


@pytest.mark.parametrize("task_id", ["x" * 48, "é" * 24])
def test_a_longer_id_is_refused_with_its_length_and_the_limit(task_id: str) -> None:
    with pytest.raises(InvalidRequestError, match="task_id has 48 bytes and a token has room for 47 of its 64: keep"):
        next_actions(ImagineGrid, task_id)


@pytest.mark.parametrize(
    ("task_id", "message"),
    [
        ("", "task_id is required, as a text that is not blank"),
        (" \n", "task_id is required, as a text that is not blank"),
        (None, "task_id is required, as a text that is not blank"),
        ("\ud800", "task_id must be a text that can be written as UTF-8"),
    ],
)
def test_what_is_no_id_is_refused(task_id: Any, message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        token(FOLLOW_UPS["u1"], task_id)


def test_a_follow_up_of_one_s_own_has_no_token() -> None:
    with pytest.raises(InvalidRequestError, match="there is no such follow-up"):
        token(evolve(FOLLOW_UPS["u1"], name="u5"), GRID_ID)


@EACH
@SIGNED_OR_NOT
def test_every_altered_character_is_refused(follow_up: FollowUp, secret: str | None) -> None:
    written = token(follow_up, GRID_ID, secret=secret)
    for place, was in enumerate(written):
        for now in {*ALPHABET[place % 4 :: 4], "=", ":", " ", "\n", "é", "\ud800", chr(ord(was) ^ 1)} - {was}:
            refused(written[:place] + now + written[place + 1 :], secret=secret)


@given(follow_up=some_follow_up, task_id=task_ids, data=st.data())
def test_a_cut_longer_or_stirred_token_is_refused(follow_up: FollowUp, task_id: str, data: st.DataObject) -> None:
    written = token(follow_up, task_id)
    start = data.draw(st.integers(0, len(written)))
    stop = data.draw(st.integers(start, len(written)))
    altered = written[:start] + data.draw(texts) + written[stop:]

    if altered != written:
        refused(altered)


@given(text=texts | texts.map(lambda text: PREFIX + text), secret=secrets)
def test_any_text_is_a_token_or_refused(text: str, secret: str | bytes | None) -> None:
    error = refused(text, secret=secret)

    assert error.action == "act"
    assert [fault.argument for fault in error.faults] == ["token"]
    assert not error.credits_may_have_moved


@pytest.mark.parametrize("nothing", [None, 7, b"j1:", "", "j2:u1", "J1:u1"])
def test_what_is_no_token_at_all_is_told_so(nothing: object) -> None:
    assert [fault.message for fault in refused(nothing).faults] == [NO_TOKEN]


@pytest.mark.parametrize(
    "rest", ["", "u", "u1", "u1AAAAAAAAAAA", "u1AAAAAAAAAAAx", "u1AAAAAAAAAAAu*", "u1" + "A" * 10**6]
)
def test_a_token_without_its_parts_is_told_to_be_cut_off(rest: str) -> None:
    assert [fault.message for fault in refused(PREFIX + rest).faults] == [ALTERED]


def test_a_uuid_has_one_form_in_a_token() -> None:
    written = token(FOLLOW_UPS["u1"], GRID_ID)
    spare_bits = written[:-1] + ALPHABET[ALPHABET.index(written[-1]) + 1]

    assert base64.urlsafe_b64decode(spare_bits[-22:] + "==") == base64.urlsafe_b64decode(written[-22:] + "==")
    refused(spare_bits)


@given(follow_up=some_follow_up, task_id=task_ids, made_with=secrets, read_with=secrets)
def test_only_the_secret_that_made_a_token_reads_it(
    follow_up: FollowUp, task_id: str, made_with: str | bytes | None, read_with: str | bytes | None
) -> None:
    def key(secret: str | bytes | None) -> bytes | None:
        return secret.encode() if isinstance(secret, str) else secret

    written = token(follow_up, task_id, secret=made_with)

    if key(made_with) == key(read_with):
        assert read_token(written, secret=read_with).task_id == task_id
    else:
        assert [fault.message for fault in refused(written, secret=read_with).faults] == [ALTERED]


def test_an_unsigned_token_is_refused_where_a_secret_is_asked_for() -> None:
    refused(token(FOLLOW_UPS["u1"], GRID_ID), secret=SECRET)
    refused(token(FOLLOW_UPS["u1"], GRID_ID), secret=b"\0")


def test_a_secret_is_a_text_or_its_bytes() -> None:
    written = token(FOLLOW_UPS["u1"], GRID_ID, secret="schlüssel")

    assert read_token(written, secret="schlüssel".encode()).task_id == GRID_ID


def test_no_error_and_no_value_shows_the_secret() -> None:
    written = token(FOLLOW_UPS["u1"], GRID_ID, secret=SECRET)

    assert SECRET not in str(refused(written[:-1], secret=SECRET))
    assert SECRET not in repr(next_actions(ImagineGrid, GRID_ID, secret=SECRET))


@pytest.mark.parametrize("empty", ["", " ", b"", b"\n", "\ud800", 7, bytearray(b"key")])
def test_a_secret_that_is_empty_or_none_at_all_does_not_pass_for_no_secret(empty: Any) -> None:
    with pytest.raises(ConfigurationError, match="the secret of tokens is empty or no text"):
        token(FOLLOW_UPS["u1"], GRID_ID, secret=empty)
    with pytest.raises(ConfigurationError, match="the secret of tokens is empty or no text"):
        read_token("anything", secret=empty)
