"""What the pages print and what the sandbox replies is what the document describes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from journey_async.core.models import MODELS
from journey_async.core.openapi_replies import SHAPES
from journey_async.sandbox import World
from tests.core import samples
from tests.openapi.schemas import JSON, complaints, complaints_about_reply
from tests.sandbox.asking import BODIES, ENOUGH, HEADERS, MAKERS, Caller, Said

if TYPE_CHECKING:
    from journey_async.core.kinds import Kind

HOOK = {"webhook_url": "https://your-server.com/webhook", "webhook_secret": "s3cret"}
RICH = 1_000_000
EACH_KIND = pytest.mark.parametrize("kind", list(MAKERS), ids=lambda kind: kind.__name__)
EACH_ENDPOINT = pytest.mark.parametrize("endpoint", list(BODIES))


def wrong(endpoint: str, said: Said) -> list[str]:
    """Give what the document refuses about a reply."""
    return complaints_about_reply(endpoint, said.status, said.json)


def shape_of(kind: Kind) -> str:
    """Give the name of the schema of finished tasks of *kind*."""
    return next(name for name, shape in SHAPES.items() if issubclass(kind, shape))


@pytest.mark.parametrize(
    ("schema", "sample"),
    [
        ("Accepted", samples.SUBMITTED),
        ("PictureAtOnce", samples.SYNCHRONOUS),
        ("EndedTask", samples.WEBHOOK_FINISHED),
        ("EndedTask", samples.WEBHOOK_FAILED),
        ("DescriptionAtOnce", samples.DESCRIBED),
        ("ShorteningAtOnce", samples.SHORTENED),
        ("UnfinishedTask", samples.FETCH_PROCESSING),
        ("FinishedGrid", samples.FETCH_GRID),
        ("FinishedPicture", samples.FETCH_PICTURE),
        ("FailedTask", samples.FETCH_FAILED),
        ("Tasks", samples.FETCH_MANY),
        ("Account", samples.ACCOUNT),
    ],
)
def test_what_the_pages_print_is_described(schema: str, sample: bytes) -> None:
    assert complaints(schema, json.loads(sample)) == []


@EACH_ENDPOINT
def test_an_acceptance_is_described(endpoint: str) -> None:
    caller = Caller(World(credits=RICH))
    assert wrong(endpoint, caller.submit(endpoint)) == []


@pytest.mark.parametrize("model", list(MODELS))
@pytest.mark.parametrize("prompt", ["elk", "elk [sandbox:fail]"])
def test_the_reply_of_every_model_is_described(model: str, prompt: str) -> None:
    picture = {"image_url": samples.SHEET} if MODELS[model].image_url == "required" else {}
    caller = Caller(World(credits=RICH))
    assert wrong("imagine", caller.submit("imagine", model=model, prompt=prompt, **picture)) == []


@EACH_KIND
def test_a_task_is_described_at_every_moment(kind: Kind) -> None:
    caller = Caller(World(credits=RICH))
    endpoint, fields = MAKERS[kind]
    task_id = caller.submit(endpoint, **fields).task_id
    began, seen = caller.now, set[str]()
    for part in range(101):
        caller.now = began + part * ENOUGH / 10_000
        said = caller.post("fetch", task_id=task_id)
        seen.add(said.json["status"])
        assert wrong("fetch", said) == []
    caller.now = began + ENOUGH
    said = caller.post("fetch", task_id=task_id)

    assert seen <= {"staged", "pending", "starting", "processing", "finished"}
    assert wrong("fetch", said) == complaints(shape_of(kind), said.json) == []
    assert wrong("fetch-many", caller.post("fetch-many", task_ids=[task_id, "another"])) == []


@EACH_KIND
@pytest.mark.parametrize("fails", [False, True], ids=["finished", "failed"])
def test_a_delivery_is_described(kind: Kind, fails: bool) -> None:
    endpoint, fields = MAKERS[kind]
    caller = Caller(World(credits=RICH, faults=[f"task-failed:{endpoint}"] if fails else []))
    assert caller.submit(endpoint, **fields, **HOOK).status == 200
    caller.now += ENOUGH
    (delivery,) = caller.world.due_deliveries(caller.now)

    told = json.loads(delivery.body)
    assert complaints("EndedTask", told) == complaints("FailedTask" if fails else shape_of(kind), told) == []


@EACH_ENDPOINT
def test_refusals_are_described(endpoint: str) -> None:
    caller = Caller(World(credits=RICH))
    with_another_key = caller.ask("POST", endpoint, body=b"{}", headers={**HEADERS, "Authorization": "Bearer x"})
    nothing_given = caller.post(endpoint, webhook_url="elk", webhook_secret="a\nb")
    no_object = caller.ask("POST", endpoint, body=b"[]")
    full = Caller(World(credits=RICH, faults=[f"http-429:{endpoint}"])).submit(endpoint)
    broken = Caller(World(credits=RICH, faults=[f"http-500:{endpoint}"])).submit(endpoint)

    said = [with_another_key, nothing_given, no_object, full, broken]
    assert [each.status for each in said] == [401, 400, 400, 429, 500]
    assert [wrong(endpoint, each) for each in said] == [[], [], [], [], []]


def test_an_account_without_credits_is_described() -> None:
    caller = Caller(World(credits=1))
    said = caller.submit("imagine")

    assert said.status == 402
    assert wrong("imagine", said) == wrong("account", caller.ask("GET", "account")) == []


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [("fetch", {}), ("fetch", {"task_id": "another"}), ("fetch-many", {}), ("fetch-many", {"task_ids": ["one"]})],
)
def test_refused_questions_are_described(endpoint: str, body: dict[str, JSON]) -> None:
    said = Caller().post(endpoint, body)

    assert said.status == 400
    assert wrong(endpoint, said) == []


def test_a_reply_that_is_something_else_is_noticed() -> None:
    grid = json.loads(samples.FETCH_GRID)

    assert complaints("Task", grid) == []
    for field in ("task_id", "status", "task_type", "image_urls"):
        assert complaints("Task", {name: value for name, value in grid.items() if name != field}) != []
    for field, value in {"status": "done", "percentage": 100, "image_urls": grid["image_urls"][:3]}.items():
        assert complaints("Task", {**grid, field: value}) != []
