"""Masks, webhooks, secrets and undocumented fields."""

from __future__ import annotations

import base64
import math
from typing import Any, cast

import pytest

from journey_async.core import wire
from journey_async.core.actions import (
    Action,
    Imagine,
    Inpaint,
    Shorten,
)
from journey_async.core.checks import MASK_LIMIT
from journey_async.errors import InvalidRequestError
from tests.core import chance
from tests.core.calls import (
    EACH,
    HOOK,
    HTTPS,
    JPEG,
    LEAST,
    MASK,
    PNG,
    PNG_URI,
    SECRET,
    URL,
    WEBP,
    made,
    messages,
)

# --- masks


@pytest.mark.parametrize(("picture", "kind"), [(PNG, "png"), (JPEG, "jpeg"), (WEBP, "webp")])
def test_a_mask_is_sent_as_a_data_uri_of_its_kind(picture: bytes, kind: str) -> None:
    encoded = base64.b64encode(picture).decode()
    uri = f"data:image/{kind};base64,{encoded}"
    lines = "\n".join(encoded[start : start + 16] for start in range(0, len(encoded), 16))

    for mask in (picture, bytearray(picture), encoded, lines, uri):
        assert Inpaint(mask=cast("Any", mask)).body() == {"mask": uri}


def test_a_data_uri_is_sent_as_it_was_given() -> None:
    uri = f"DATA:image/jpg;base64,{base64.b64encode(JPEG).decode()}"

    assert Inpaint(mask=uri).body() == {"mask": uri}


@pytest.mark.parametrize(
    "mask",
    [
        *(None, 7, "", b"", "mask.png", "no base64!", b"GIF89a", "R0lGODlh", "iVBORw0KGgo", URL, "ünïcode"),
        *(
            "data:image/png;base64,",
            "data:image/png;base64,R0lGODlh",
            "data:image/gif;base64,R0lGODlh",
            "data:,",
            [PNG],
        ),
    ],
)
def test_what_is_no_picture_is_no_mask(mask: object) -> None:
    assert messages(Inpaint, mask=mask) == [MASK]


def test_a_mask_of_8_mib_is_taken_and_a_larger_one_refused() -> None:
    largest = PNG + bytes(MASK_LIMIT - len(PNG))

    assert messages(Inpaint, mask=largest) == []
    assert messages(Inpaint, mask=largest + b"\0") == ["mask must have at most 8388608 bytes: make it smaller"]


def test_a_mask_is_shown_neither_in_its_action_nor_in_full_in_a_fault() -> None:
    noise = bytes(range(256)) * 100
    with pytest.raises(InvalidRequestError) as caught:
        Inpaint(mask=cast("Any", noise))

    assert len(str(caught.value)) < 400
    assert PNG_URI[30:60] not in repr(Inpaint(mask=PNG_URI))


# --- webhooks, secrets and undocumented fields


@EACH
@pytest.mark.parametrize(
    "url", ["https://e.com/hook", "http://localhost:8080/h", "http://127.0.0.1/h", "http://[::1]/"]
)
def test_a_webhook_is_https_or_on_this_machine(make: type[Action], url: str) -> None:
    assert make(**LEAST[make], webhook_url=url).body()["webhook_url"] == url


@EACH
@pytest.mark.parametrize(
    "url",
    [
        *("http://e.com/hook", "e.com/hook", "", "https://", "wss://e.com/", 7, b"https://e.com/hook"),
        *("http://127.0.0.1.e.com/", "http://localhost.e.com/", "https://e.com/a b", "http://localhost@e.com/"),
    ],
)
def test_any_other_webhook_is_refused(make: type[Action], url: object) -> None:
    assert messages(make, webhook_url=url) == [HTTPS]


@EACH
@pytest.mark.parametrize(
    "secret", ["", " ", " s3cret", "s3cret ", "a\nb", "a\r\nx-evil: 1", "\x00", "\x7f", "\ud800", 7, b"s3cret"]
)
def test_a_webhook_secret_is_a_text_that_fits_into_a_header(make: type[Action], secret: object) -> None:
    assert messages(make, webhook_secret=secret) == [SECRET]


SECRETS: list[object] = [
    "hunter2-hunter2",
    "hunter2\nhunter2",
    b"hunter2",
    bytearray(b"hunter2"),
    ["hunter2"],
    {"secret": "hunter2"},
]


@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: type(secret).__name__)
@pytest.mark.parametrize("prompt", ["an elk", ""])
def test_a_secret_is_never_shown_whether_it_or_another_argument_is_right_or_wrong(secret: object, prompt: str) -> None:
    outcome = made(Imagine, {"prompt": prompt, "webhook_url": HOOK, "webhook_secret": secret})
    if isinstance(outcome, Action):
        shown: list[object] = [outcome, wire.submission(outcome, None)]
    else:
        shown = [outcome, *outcome.faults]

    assert [text for value in shown for text in (repr(value), str(value)) if "hunter2" in text] == []


@EACH
def test_undocumented_fields_are_sent_as_they_are(make: type[Action]) -> None:
    extra = {"image": [URL], "mask_url": URL, "deep": {"er": [1, 2.5, None, True, "x"]}}
    action = make(**LEAST[make], extra=extra)

    assert action.body("t") == make(**LEAST[make]).body("t") | extra


@EACH
def test_a_documented_field_cannot_be_set_as_an_undocumented_one(make: type[Action]) -> None:
    documented = sorted(make.documented())
    for name in documented:
        assert messages(make, extra={name: "x", "other": 1}) == [
            f"extra cannot set {name}: documented fields are arguments of their own"
        ]
    assert messages(make, extra=dict.fromkeys(documented)) == [
        f"extra cannot set {', '.join(documented)}: documented fields are arguments of their own"
    ]


@pytest.mark.parametrize(
    "extra",
    [
        *(7, "x", [("a", 1)], {1: 2}, {"a": b"x"}, {"a": {1}}, {"a": math.nan}, {"a": math.inf}),
        *({"a": {"b": [{2: 3}]}}, {"a": chance.Anything()}),
    ],
)
def test_undocumented_fields_are_json_values_under_names(extra: object) -> None:
    assert messages(Shorten, extra=extra) == ["extra must be a mapping of field names to JSON values"]


def test_what_is_written_into_the_mapping_of_undocumented_fields_later_is_not_sent() -> None:
    extra: dict[str, object] = {"sref": "7"}
    action = Shorten(prompt="an elk", extra=extra)

    extra["prompt"] = "another"

    assert action.body() == {"prompt": "an elk", "sref": "7"}


def test_what_is_written_deep_into_undocumented_fields_later_is_not_sent() -> None:
    images: list[object] = [URL]
    action = Shorten(prompt="an elk", extra={"image": images})

    images.append(chance.Anything())

    assert action.body() == {"prompt": "an elk", "image": [URL]}
