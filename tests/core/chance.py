"""Strategies: the values that a service or a careless caller may come up with."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

WORDS = (
    *("finished", "failed", "processing", "staged", "retry", "FINISHED", "submitted", "error", "", " "),
    *("imagine", "reroll", "variation-1", "variation-strong", "pan-up", "inpaint", "outpaint-2", "blend", "faceswap"),
    *("upscale#1", "upscale-1x", "upscale-2x", "describe", "shorten", "seed", "imagine-video", "imagine-video-extend"),
    *("midjourney", "flux-pro", "0", "45", "100", "45%", "-3", "1e999", "nan", "inf", "1_000", "٤٥", "1" * 400),
    *("https://cdn.example.com/output.png", "data:,", "task_id not found", "\ud800", "\x00", "1️⃣ … --ar 16:9"),
)
TASK_FIELDS = (
    *("task_id", "task_type", "model", "status", "percentage", "error", "original_image_url", "image_urls"),
    *("image_url", "video_urls", "content", "full_content", "seed", "sref"),
)
OTHER_FIELDS = ("tasks", "errors", "msg", "email", "credits", "total_images", "plan")


def json_values() -> SearchStrategy[object]:
    """Make anything that Python's JSON writes and reads, NaN, long numbers and lone surrogates among it."""
    leaves: SearchStrategy[object] = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.just(10**400),
        st.floats(),
        st.sampled_from(WORDS),
        st.text(st.characters(exclude_categories=()), max_size=8),
    )
    names = st.sampled_from((*TASK_FIELDS, *OTHER_FIELDS, "", "\ud800"))
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
        max_leaves=4,
    )


def task_objects() -> SearchStrategy[dict[str, object]]:
    """Make objects with the names of a task's fields, some with values of the right shape, and wild ones."""
    texts: SearchStrategy[object] = st.sampled_from(WORDS)
    lists: SearchStrategy[object] = st.lists(texts, max_size=5)
    values = st.one_of(texts, lists, json_values())
    return st.dictionaries(st.sampled_from(TASK_FIELDS), values, min_size=1, max_size=7)


def bodies() -> SearchStrategy[bytes]:
    """Make bodies of replies: any bytes, any JSON, and JSON in the shapes of the service."""
    objects: SearchStrategy[object] = task_objects()
    tasks: SearchStrategy[object] = st.fixed_dictionaries({"tasks": st.lists(objects | json_values(), max_size=4)})
    said = st.fixed_dictionaries({"msg": json_values()})
    errors: SearchStrategy[object] = st.fixed_dictionaries({"errors": st.lists(said | json_values(), max_size=3)})
    account: SearchStrategy[object] = st.dictionaries(st.sampled_from(OTHER_FIELDS), json_values(), max_size=4)
    shaped = st.one_of(objects, tasks, errors, account, json_values())
    texts = shaped.map(json.dumps)
    return st.one_of(st.binary(), texts.map(str.encode), texts.map(lambda text: text.encode("utf-16")))


class Anything:
    """A value of which no argument has ever heard."""


def anything() -> SearchStrategy[object]:
    """Make whatever a caller without a type checker may pass."""
    leaves: SearchStrategy[object] = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.complex_numbers(),
        st.decimals(),
        st.fractions(),
        st.text(st.characters(exclude_categories=()), max_size=8),
        st.binary(),
        st.builds(bytearray, st.binary()),
        st.just(range(4)),
        st.builds(Anything),
        st.just(Anything),
        st.sampled_from((math.nan, math.inf, -math.inf, 1.7976931348623157e308, 5e-324)),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.lists(inner, max_size=3).map(tuple),
            st.frozensets(st.integers(), max_size=3),
            st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3),
        ),
        max_leaves=3,
    )
