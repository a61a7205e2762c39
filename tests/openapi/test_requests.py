"""What the client sends is what the document allows, and what the document refuses the client does not send."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journey_async.core.actions import ACTIONS, Inpaint
from journey_async.core.checks import task_ids
from journey_async.core.legality import checked
from journey_async.core.models import MODELS
from journey_async.core.wire import fetch, fetch_many, submission
from journey_async.errors import InvalidRequestError
from tests.core.calls import JPEG, PNG_URI, URL, WEBP
from tests.openapi.schemas import DOCUMENT, JSON, complaints, request_of
from tests.sandbox.asking import BODIES

if TYPE_CHECKING:
    from collections.abc import Mapping

PARENT = "550e8400-e29b-41d4-a716-446655440000"
PARENTS = ("parent_task_id", "task_id")
URLS = [
    URL,
    "HTTPS://EXAMPLE.COM:8443/ö?a=b#c",
    "http://user:pass@localhost/hook",
    "http://[::1]:8080/hook",
    "http://127.0.0.1/hook",
    "http://example.com",
    "//example.com",
    "ftp://example.com/a.png",
    "https:///a.png",
    "https://exa mple.com",
    "https://example.com/a b",
    "elk",
]
TEXTS = [
    "",
    " ",
    "elk",
    "1",
    "5",
    "strong",
    "1.0",
    "1.5",
    "02.0",
    "2.5",
    "0.5",
    "1e0",
    "7:5",
    "a\nb",
    " a",
    "é",
    "🦌",
    "x" * 4001,
]
# Of each field the values that it takes, and those of others, which it refuses.
SCHEMAS: JSON = DOCUMENT["components"]["schemas"]
FIXED = sorted(
    {
        value
        for name in ACTIONS
        for field in SCHEMAS[request_of(name)]["properties"].values()
        for value in field.get("enum", ())
    }
)
VALUES: list[JSON] = [
    *TEXTS,
    *URLS,
    *FIXED,
    *(PNG_URI, PNG_URI.upper()[:22] + PNG_URI[22:], "data:image/gif;base64,iVBORw0KGgo=", "iVBORw0KGgo="),
    *([URL] * count for count in (0, 1, 2, 5, 6)),
    *([URL, "elk"], [URL, 1], 1, 1.5, True, {}, {"a": 1}),
]


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, dict[str, JSON]]:
    """Draw an endpoint and a body for it, some fields of which may be wrong."""
    name = draw(st.sampled_from(sorted(ACTIONS)))
    documented = sorted(ACTIONS[name].documented())
    parent = ACTIONS[name].parent_field
    least = {**BODIES[name], **({parent: PARENT} if parent else {})}
    values = st.sampled_from(VALUES) | st.text(max_size=5)
    changed = draw(st.dictionaries(st.sampled_from(documented), values, max_size=3))
    dropped = draw(st.sets(st.sampled_from(documented), max_size=1))
    undocumented = draw(st.dictionaries(st.sampled_from(["image", "cref"]), values, max_size=1))
    body = {**undocumented, **{field: value for field, value in {**least, **changed}.items() if field not in dropped}}
    return name, body


def sent(name: str, body: Mapping[str, JSON]) -> JSON:
    """Give what the client sends when it is asked for *body*; None when it refuses."""
    make = ACTIONS[name]
    known = {field: value for field, value in body.items() if field in make.documented() and field != make.parent_field}
    extra = {field: value for field, value in body.items() if field not in make.documented()}
    parent = body.get(make.parent_field or "")
    try:
        action = checked(make, {**known, "extra": extra or None}, parent=parent)
    except (InvalidRequestError, TypeError):
        # A TypeError is an argument left out that has to be given.
        return None
    return json.loads(submission(action, parent).encoded() or b"")


@given(requests())
@example(("inpaint", {"parent_task_id": PARENT, "mask": PNG_URI.replace("base64,", "base64,\n")}))
@example(("outpaint", {"parent_task_id": PARENT, "zoom_ratio": 1}))
@example(("blend", {"image_urls": [URL] * 5, "webhook_url": "http://user@LocalHost:1/hook", "webhook_secret": "a b"}))
def test_what_the_client_sends_is_allowed(asked: tuple[str, dict[str, JSON]]) -> None:
    name, body = asked
    body_sent = sent(name, body)
    if body_sent is not None:
        assert complaints(request_of(name), body_sent) == []


@given(requests())
@example(("upscale-2x-4x", {"type": "2x", "image_url": URL, "index": "1"}))
@example(("upscale-2x-4x", {"type": "2x", "image_url": URL, "parent_task_id": PARENT}))
@example(("upscale-2x-4x", {"type": "2x"}))
@example(("imagine", {"prompt": "elk", "model": "seededit"}))
@example(("imagine", {"prompt": "elk", "resolution": "1K"}))
def test_what_is_refused_is_never_sent_and_what_is_allowed_is_sent_as_it_is(asked: tuple[str, dict[str, JSON]]) -> None:
    name, body = asked
    if complaints(request_of(name), body):
        assert sent(name, body) != body
    else:
        default = {"model": "midjourney"} if name == "imagine" else {}
        assert sent(name, body) == {**default, **body}


@pytest.mark.parametrize("name", ACTIONS)
def test_a_body_that_lacks_what_is_needed_is_refused(name: str) -> None:
    schema = SCHEMAS[request_of(name)]
    parent = ACTIONS[name].parent_field
    whole = {**BODIES[name], **({parent: PARENT} if parent else {})}

    assert complaints(request_of(name), whole) == []
    for field in schema.get("required", ()):
        lacking = {given: value for given, value in whole.items() if given != field}
        assert complaints(request_of(name), lacking) == [f"'{field}' is a required property"]
        assert sent(name, lacking) is None


@pytest.mark.parametrize("picture", [JPEG, WEBP], ids=["jpeg", "webp"])
def test_masks_of_every_kind_of_picture_are_allowed(picture: bytes) -> None:
    body = Inpaint(mask=picture).body(PARENT)

    assert complaints("InpaintRequest", body) == []


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("field", ["image_url", "negative_prompt", "output_format", "resolution"])
def test_what_a_model_takes_is_what_the_client_lets_it_have(model: str, field: str) -> None:
    value = {"image_url": URL, "negative_prompt": "", "output_format": "png", "resolution": "4K"}[field]
    for body in ({"prompt": "elk", "model": model}, {"prompt": "elk", "model": model, field: value}):
        assert (complaints("ImagineRequest", body) == []) == (sent("imagine", body) is not None)


@pytest.mark.parametrize(("count", "right"), [(0, False), (1, False), (2, True), (20, True), (21, False)])
def test_two_to_twenty_ids_are_allowed(count: int, right: bool) -> None:
    request = fetch_many([PARENT] * count)

    assert (complaints("FetchManyRequest", request.body) == []) is right
    assert (task_ids("task_ids", (PARENT,) * count) is None) is right


@pytest.mark.parametrize(("task_id", "right"), [(PARENT, True), ("1", True), ("", False), (" ", False), (1, False)])
def test_one_id_is_allowed(task_id: JSON, right: bool) -> None:
    assert (complaints("FetchRequest", fetch(task_id).body) == []) is right
