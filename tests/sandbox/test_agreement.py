"""The client and the sandbox agree on what may be asked: each checks on its own, by the same tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import example, given
from hypothesis import strategies as st

from journey_async.core.actions import ACTIONS
from journey_async.core.models import MODELS
from journey_async.core.wire import submission
from journey_async.errors import InvalidRequestError
from journey_async.sandbox.validation import read_asking, read_object
from tests.sandbox.asking import BODIES, JSON, MASK, URL

if TYPE_CHECKING:
    from journey_async.core.actions import Action

PARENT = "550e8400-e29b-41d4-a716-446655440000"

VALUES = st.sampled_from(
    [
        *(
            "",
            " ",
            "elk",
            "1",
            "4",
            "5",
            "0",
            "strong",
            "subtle",
            "creative",
            "2x",
            "4x",
            "8x",
            "up",
            "left",
            "1.5",
            "2.0",
        ),
        *(
            "2.5",
            "nan",
            "1:1",
            "16:9",
            "7:5",
            "png",
            "jpg",
            "gif",
            "1K",
            "4K",
            "square",
            "round",
            "low",
            "high",
            URL,
            MASK,
        ),
        *("ftp://x", "http://localhost:1/hook", "http://example.com", "https://exa mple.com", "iVBORw0KGgo=", "a\nb"),
        *("data:image/gif;base64,xx", "x" * 4000, "x" * 4001, *MODELS),
        *(
            0,
            1,
            4,
            5,
            1.5,
            2,
            2.5,
            1.0,
            True,
            False,
            float("inf"),
            [URL, URL],
            [URL],
            [URL] * 5,
            [URL] * 6,
            [URL, 1],
            [],
        ),
    ]
)
FIELDS = {name: sorted(action.documented() - {"parent_task_id", "task_id"}) for name, action in ACTIONS.items()}


@st.composite
def askings(draw: st.DrawFn) -> tuple[str, dict[str, JSON]]:
    """Draw an action and arguments for it, most of them right."""
    name = draw(st.sampled_from(sorted(ACTIONS)))
    changed = draw(st.dictionaries(st.sampled_from(FIELDS[name]), VALUES, max_size=3))
    dropped = draw(st.sets(st.sampled_from(FIELDS[name]), max_size=1))
    return name, {field: value for field, value in {**BODIES[name], **changed}.items() if field not in dropped}


def accepted_by_the_client(name: str, fields: dict[str, JSON]) -> Action | None:
    try:
        return ACTIONS[name](**fields)
    except (InvalidRequestError, TypeError):
        # A TypeError is an argument left out that has to be given.
        return None


def with_parent(name: str, fields: dict[str, JSON]) -> dict[str, JSON]:
    parent_field = ACTIONS[name].parent_field
    return fields if parent_field is None or fields.get("image_url") else {**fields, parent_field: PARENT}


@given(askings())
@example(("outpaint", {"zoom_ratio": 1}))
@example(("upscale-2x-4x", {"type": "2x", "image_url": URL, "index": "1"}))
@example(("imagine", {"prompt": "elk", "model": "seededit"}))
@example(("inpaint", {"mask": "iVBORw0KGgo="}))
def test_the_client_accepts_what_the_sandbox_accepts(asked: tuple[str, dict[str, JSON]]) -> None:
    name, fields = asked
    action = accepted_by_the_client(name, fields)
    body = {**fields, "parent_task_id": PARENT} if name == "extend-video" else with_parent(name, fields)
    asking = read_asking(name, body)
    assert (action is not None) == (asking.messages == ()), (asking.messages, fields)


@given(askings())
def test_what_the_client_sends_is_understood_as_it_was_meant(asked: tuple[str, dict[str, JSON]]) -> None:
    name, fields = asked
    action = accepted_by_the_client(name, fields)
    if action is None:
        return
    request = submission(action, None if name == "upscale-2x-4x" and fields.get("image_url") else PARENT)
    body = read_object("application/json", request.encoded() or b"")
    assert not isinstance(body, str)
    asking = read_asking(request.path.removeprefix("/"), body)
    assert asking.messages == ()
    assert asking.rule is not None
    assert (action.rule_name, action.credits) == (asking.rule.name, asking.credits)
