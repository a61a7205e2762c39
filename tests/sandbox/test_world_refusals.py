"""What the world refuses, in which words and in which order."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journey_async.core.actions import ACTIONS
from journey_async.core.models import MODELS
from journey_async.core.rules import RULES, Rule
from journey_async.sandbox import API_KEY, World
from journey_async.sandbox.world import REQUEST_LIMIT
from tests.sandbox.asking import BODIES, HEADERS, JSON, MAKERS, PARENTS, URL, Caller

NOBODY = "550e8400-e29b-41d4-a716-446655440000"
FREE = {"fetch": {"task_id": NOBODY}, "fetch-many": {"task_ids": [NOBODY, "2"]}}
POSTED = [*ACTIONS, *FREE]


@pytest.mark.parametrize("key", [None, "", "wrong", f"Bearer {API_KEY}", f" {API_KEY}", API_KEY.upper()])
@pytest.mark.parametrize("endpoint", [*POSTED, "account"])
def test_a_missing_wrong_or_bearer_key_is_401_with_an_empty_object(endpoint: str, key: str | None) -> None:
    headers = {"Content-Type": "application/json"} | ({} if key is None else {"authorization": key})
    said = Caller().ask("GET" if endpoint == "account" else "POST", endpoint, body=b"{}", headers=headers)
    assert (said.status, said.answer.body, said.answer.headers["Content-Type"]) == (401, b"{}", "application/json")


@pytest.mark.parametrize(
    ("endpoint", "body", "expected"),
    [
        ("imagine", {}, ["prompt is required"]),
        ("imagine", {"prompt": " "}, ["prompt is required"]),
        ("imagine", {"prompt": 5}, ["prompt is required"]),
        ("shorten", {}, ["prompt is required"]),
        (
            "imagine",
            {"aspect_ratio": "5:7"},
            ["prompt is required", "aspect_ratio must be a valid ratio (e.g., 16:9)"],
        ),
        ("reroll", {}, ["parent_task_id is required"]),
        ("pan", {"direction": "left"}, ["parent_task_id is required"]),
        ("pan", {"parent_task_id": NOBODY, "direction": "left"}, ["parent_task_id not found"]),
        ("upscale-1x", {"parent_task_id": NOBODY}, ["parent_task_id not found", "index must be 1, 2, 3, or 4"]),
        (
            "upscale-1x",
            {"parent_task_id": "", "index": "0"},
            ["parent_task_id is required", "index must be 1, 2, 3, or 4"],
        ),
        (
            "variations",
            {"parent_task_id": NOBODY, "index": "5"},
            ["parent_task_id not found", "index must be 1, 2, 3, or 4"],
        ),
        ("blend", {"image_urls": [URL]}, ["image_urls must contain 2-5 URLs"]),
        ("blend", {"image_urls": [URL] * 6}, ["image_urls must contain 2-5 URLs"]),
        ("blend", {"image_urls": URL}, ["image_urls must contain 2-5 URLs"]),
        ("fetch-many", {"task_ids": ["1"]}, ["task_ids must contain 2-20 IDs"]),
        ("fetch-many", {"task_ids": ["1"] * 21}, ["task_ids must contain 2-20 IDs"]),
        ("fetch-many", {}, ["task_ids must contain 2-20 IDs"]),
    ],
)
def test_published_messages_are_given_letter_for_letter(
    endpoint: str, body: dict[str, object], expected: list[str]
) -> None:
    said = Caller().post(endpoint, body)
    assert (400, {"errors": [{"msg": message} for message in expected]}) == (said.status, said.json)


@pytest.mark.parametrize(
    ("endpoint", "fields", "expected"),
    [
        ("imagine", {"model": "dall-e"}, ["model is not supported"]),
        ("imagine", {"model": "seededit"}, ["image_url is required"]),
        ("imagine", {"image_url": URL}, ["image_url is not supported by model midjourney"]),
        (
            "imagine",
            {"model": "z-image", "resolution": "8K", "negative_prompt": "x" * 4001},
            [
                "resolution must be 1K, 2K, or 4K",
                "negative_prompt must be at most 4000 characters",
                "negative_prompt is not supported by model z-image",
                "resolution is not supported by model z-image",
            ],
        ),
        ("upscale-alt", {"type": "2x"}, ["type must be subtle or creative"]),
        ("upscale-alt", {"type": None}, ["type is required"]),
        ("pan", {"direction": "north"}, ["direction must be up, down, left, or right"]),
        ("reroll", {"prompt": " "}, ["prompt must be a text that is not blank"]),
        ("inpaint", {"mask": None}, ["mask is required"]),
        ("inpaint", {"mask": "x"}, ["mask must be a base64 PNG, JPEG or WebP image of at most 8388608 bytes"]),
        ("outpaint", {"zoom_ratio": 2.5}, ["zoom_ratio must be a number from 1 to 2"]),
        ("describe", {"image_url": "ftp://example.com/1"}, ["image_url must be a valid URL"]),
        ("faceswap", {"swap_image_url": None}, ["swap_image_url is required"]),
        ("imagine-video", {"motion": "wild"}, ["motion must be low or high"]),
        (
            "imagine",
            {"webhook_url": "http://example.com/", "webhook_secret": "a\nb"},
            ["webhook_url must be an HTTPS URL", "webhook_secret must be a text without control characters"],
        ),
        ("fetch", {}, ["task_id is required"]),
        ("fetch", {"task_id": NOBODY}, ["task_id not found"]),
        ("seed", {"task_id": None}, ["task_id is required"]),
        ("seed", {"task_id": NOBODY}, ["task_id not found"]),
        ("upscale-2x-4x", {"parent_task_id": None}, ["exactly one of parent_task_id and image_url is required"]),
        (
            "upscale-2x-4x",
            {"parent_task_id": NOBODY, "image_url": URL, "index": "1"},
            ["exactly one of parent_task_id and image_url is required", "index must be left out with image_url"],
        ),
    ],
)
def test_the_sandbox_has_words_of_its_own_for_the_rest(
    endpoint: str, fields: dict[str, object], expected: list[str]
) -> None:
    caller = Caller()
    with_parent = endpoint in PARENTS and endpoint not in {"seed", "upscale-2x-4x"}
    parent = {"parent_task_id": caller.task(PARENTS[endpoint])} if with_parent else {}
    said = caller.post(endpoint, {**BODIES.get(endpoint, {}), **parent, **fields})
    assert (400, expected) == (said.status, said.messages)


@pytest.mark.parametrize("endpoint", POSTED)
@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        (None, b"{}", "Content-Type must be application/json"),
        ("text/plain", b"{}", "Content-Type must be application/json"),
        ("application/json", b"", "request body must be valid JSON"),
        ("application/json; charset=utf-8", b'{"prompt": ', "request body must be valid JSON"),
        ("application/json", b"[" * 100_000, "request body must be valid JSON"),
        ("application/json", b"[]", "request body must be a JSON object"),
        ("application/json", b"null", "request body must be a JSON object"),
    ],
)
def test_a_body_that_is_no_json_object_is_400(
    endpoint: str, content_type: str | None, body: bytes, expected: str
) -> None:
    headers = {"Authorization": API_KEY} | ({} if content_type is None else {"Content-Type": content_type})
    said = Caller().ask("POST", endpoint, body=body, headers=headers)
    assert (400, [expected]) == (said.status, said.messages)


def test_a_body_that_is_too_large_is_413() -> None:
    said = Caller().ask("POST", "imagine", body=b" " * (REQUEST_LIMIT + 1))
    assert (said.status, said.messages) == (413, ["request body must be at most 16777216 bytes"])


@pytest.mark.parametrize("path", ["", "imagine/", "upscale", "fetch?x=1", "../account"])
def test_an_unknown_path_is_404_in_the_shape_of_errors(path: str) -> None:
    said = Caller().ask("POST", path)
    assert (said.status, said.messages) == (404, ["endpoint not found"])


def test_a_path_outside_of_the_api_is_404() -> None:
    assert Caller().world.answer("GET", "/account", headers=HEADERS, body=b"", now=0).status == 404


@pytest.mark.parametrize(
    ("method", "endpoint", "allowed"),
    [("GET", "fetch", "POST"), ("PUT", "imagine", "POST"), ("POST", "account", "GET")],
)
def test_a_wrong_method_is_405_and_says_the_right_one(method: str, endpoint: str, allowed: str) -> None:
    said = Caller().ask(method, endpoint)
    assert (405, [f"method must be {allowed}"]) == (said.status, said.messages)
    assert allowed == said.answer.headers["Allow"]


def test_a_request_is_checked_for_its_key_then_its_fields_then_credits_then_the_limit() -> None:
    caller = Caller(World(credits=3, slots=1))
    wrong_key = HEADERS | {"Authorization": "wrong"}
    assert caller.ask("POST", "imagine", body=b"{}", headers=wrong_key).status == 401
    caller.submit("describe")
    assert caller.submit("imagine", prompt="").status == 400
    dear = caller.submit("imagine")
    assert (dear.status, dear.json) == (402, {"errors": [{"msg": "Insufficient credits"}]})
    cheap = caller.submit("imagine", model="flux-schnell")
    assert (cheap.status, cheap.json) == (429, {"errors": [{"msg": "Rate limit exceeded"}]})
    assert "Retry-After" not in cheap.answer.headers


@pytest.mark.parametrize("field", ["model", "aspect_ratio", "webhook_url", "webhook_secret", "image_url"])
def test_null_is_read_as_absent(field: str) -> None:
    assert Caller().submit("imagine", **{field: None}).status == 200


def test_undocumented_fields_are_ignored() -> None:
    assert Caller().submit("imagine", parent_task_id=NOBODY, image=["x"], nonsense={"a": None}).status == 200


@pytest.mark.parametrize("wish", ["[sandbox:seconds=50]", "[sandbox:stuck]", "[sandbox:fail]"])
def test_a_parent_that_is_on_its_way_or_failed_is_not_finished(wish: str) -> None:
    caller = Caller()
    parent = caller.submit("imagine", prompt=f"x {wish}").task_id
    caller.now += 49 if "seconds" in wish else 1000
    said = caller.submit("upscale-1x", parent)
    assert (said.status, said.messages) == (400, ["parent task is not finished"])


def body_of(rule: Rule) -> dict[str, object]:
    index: dict[str, object] = {}
    if rule.name == "variations strong or subtle":
        index = {"index": "subtle"}
    elif rule.name == "upscale-2x-4x of a tile":
        index = {"index": "2"}
    return {**BODIES[rule.action], **index}


@pytest.mark.parametrize("kind", MAKERS, ids=lambda kind: kind.__name__)
def test_the_rule_table_decides_which_parents_are_accepted(kind: JSON) -> None:
    caller = Caller(World(credits=10_000))
    parent = caller.task(kind)
    for rule in RULES.values():
        if not rule.parents:
            continue
        name = "task_id" if rule.action == "seed" else "parent_task_id"
        said = caller.post(rule.action, {**body_of(rule), name: parent})
        caller.now += 10_000
        if rule.accepts(kind):
            assert said.status == 200, rule.name
        else:
            needed = " or ".join(needed.label for needed in rule.needs)
            assert [f"parent task of {rule.name} must be {needed}"] == said.messages


def test_every_rule_with_parents_is_of_an_endpoint_that_needs_one() -> None:
    assert set(PARENTS) == {rule.action for rule in RULES.values() if rule.parents}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
names = st.sampled_from(
    sorted({name for action in ACTIONS.values() for name in action.documented()} | {"task_ids", "task_id"})
)
plausible = st.sampled_from(
    [URL, "1", 2, "2x", "subtle", "low", "left", "1.5", 1.5, 10**400, [URL, URL], "\ud800", "x --ar 1:0", *MODELS]
)
bodies = st.dictionaries(names, json_values | plausible, max_size=8)


@given(st.sampled_from([*POSTED, "account", "nonsense"]), st.binary(max_size=200))
@example("imagine", b"\xff\xfe")
@example("imagine", b'{"prompt": "\\ud800 [sandbox:fail=\\ud800]"}')
@example("outpaint", b'{"zoom_ratio": 1e999}')
def test_any_bytes_are_answered(endpoint: str, body: bytes) -> None:
    said = Caller().ask("POST", endpoint, body=body)
    assert said.status in {200, 400, 404, 405}
    assert said.json is not None


@given(st.dictionaries(st.text(), st.text(), max_size=4), st.text(), st.text())
def test_any_headers_method_and_path_are_answered(headers: dict[str, str], method: str, path: str) -> None:
    assert Caller().ask(method, path, headers=headers).status in {401, 404, 405}


@given(st.sampled_from(POSTED), bodies)
@example("outpaint", {"zoom_ratio": 10**400})
@example("upscale-1x", {"index": 10**4000})
def test_any_object_is_answered_and_what_is_accepted_can_be_fetched(endpoint: str, fields: dict[str, object]) -> None:
    caller = Caller()
    body = {**BODIES.get(endpoint, {}), **fields}
    said = caller.ask("POST", endpoint, body=json.dumps(body).encode())
    assert said.status in {200, 400}
    if said.status == 200 and endpoint in ACTIONS:
        caller.now += 1000
        assert caller.fetch(said.task_id)["status"] in {"finished", "failed", "processing"}
