"""Requests as values."""

from __future__ import annotations

import json
from types import MappingProxyType

from journey_async.core import wire
from journey_async.core.actions import Blend, Shorten, Upscale1x
from journey_async.core.wire import Reply, Request


def test_the_account_is_asked_for_with_a_get_that_has_no_body() -> None:
    assert Request(method="GET", path="/account") == wire.ACCOUNT
    assert wire.ACCOUNT.encoded() is None
    assert not wire.ACCOUNT.paid


def test_a_fetch_is_a_free_post_of_one_id() -> None:
    assert wire.fetch("t-1") == Request(method="POST", path="/fetch", body={"task_id": "t-1"}, paid=False)
    assert wire.fetch("t-1").encoded() == b'{"task_id":"t-1"}'


def test_a_fetch_many_is_a_free_post_of_a_list_of_ids() -> None:
    request = wire.fetch_many(("t-1", "t-2"))

    assert request == Request(method="POST", path="/fetch-many", body={"task_ids": ["t-1", "t-2"]}, paid=False)
    assert request.encoded() == b'{"task_ids":["t-1","t-2"]}'


def test_a_submission_is_a_paid_post_to_the_path_of_its_action() -> None:
    request = wire.submission(Upscale1x(index="2"), "t-1")

    assert request == Request(
        method="POST", path="/upscale-1x", body={"parent_task_id": "t-1", "index": "2"}, paid=True
    )


def test_a_tuple_is_sent_as_a_json_array() -> None:
    request = wire.submission(Blend(image_urls=("https://e.com/1.png", "https://e.com/2.png")), None)

    assert json.loads(request.encoded() or b"") == {"image_urls": ["https://e.com/1.png", "https://e.com/2.png"]}


def test_mappings_of_every_class_are_sent_as_json_objects() -> None:
    extra = MappingProxyType({"options": MappingProxyType({"deep": [MappingProxyType({"er": 1})]})})
    request = wire.submission(Shorten(prompt="an elk", extra=extra), None)

    assert json.loads(request.encoded() or b"") == {"prompt": "an elk", "options": {"deep": [{"er": 1}]}}


def test_texts_beyond_ascii_and_lone_surrogates_arrive_as_they_are() -> None:
    prompt = "ein Elch im Nebel 🫎 \ud83e"
    body = wire.submission(Shorten(prompt=prompt), None).encoded() or b""

    assert json.loads(body) == {"prompt": prompt}
    assert body.isascii()


def test_neither_a_requests_nor_a_replys_content_is_shown() -> None:
    request = wire.submission(Shorten(prompt="an elk", webhook_secret="s3cret"), None)
    reply = Reply(status=401, headers={"set-cookie": "s3cret"}, body=b"s3cret")

    assert "s3cret" not in f"{request!r} {reply!r}"
    assert repr(reply) == "Reply(status=401)"
