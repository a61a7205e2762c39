"""What the world answers when all is well: the contract's bodies, field by field."""

from __future__ import annotations

import pytest

from journey_async.core import kinds
from journey_async.core.actions import ACTIONS
from journey_async.core.models import MODELS
from journey_async.core.reading import read_task
from journey_async.core.wire import Reply, fetch
from journey_async.sandbox import World
from tests.sandbox.asking import BODIES, ENOUGH, JSON, MAKERS, URL, Caller

MEDIA = "http://sandbox.invalid/media"


def grid_of(task_id: str, task_type: str) -> dict[str, object]:
    return {
        "task_id": task_id,
        "task_type": task_type,
        "model": "midjourney",
        "status": "finished",
        "percentage": "100",
        "original_image_url": f"{MEDIA}/{task_id}/grid_0.png",
        "image_urls": [f"{MEDIA}/{task_id}/0_{tile}.png" for tile in range(4)],
    }


def single_of(task_id: str, task_type: str, *, name: str = "0_1.png", model: str = "midjourney") -> dict[str, object]:
    return {
        "task_id": task_id,
        "task_type": task_type,
        "model": model,
        "status": "finished",
        "image_url": f"{MEDIA}/{task_id}/{name}",
    }


@pytest.mark.parametrize("endpoint", ACTIONS)
def test_every_mutating_endpoint_answers_a_bare_task_id(endpoint: str) -> None:
    said = Caller().submit(endpoint)
    assert (said.status, list(said.json)) == (200, ["task_id"])
    assert said.answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("endpoint", "fields", "task_type"),
    [
        ("imagine", {}, "imagine"),
        ("reroll", {}, "reroll"),
        ("variations", {"index": "3"}, "variation-3"),
        ("pan", {"direction": "up"}, "pan-up"),
        ("inpaint", {}, "inpaint"),
        ("outpaint", {"zoom_ratio": "1.5"}, "outpaint-1.5"),
        ("outpaint", {"zoom_ratio": 2}, "outpaint-2"),
        ("blend", {}, "blend"),
    ],
)
def test_a_finished_grid_has_a_sheet_and_four_tiles(endpoint: str, fields: dict[str, JSON], task_type: str) -> None:
    caller = Caller()
    task_id = caller.submit(endpoint, **fields).task_id
    caller.now += ENOUGH
    assert grid_of(task_id, task_type) == caller.fetch(task_id)


@pytest.mark.parametrize("strength", ["strong", "subtle"])
def test_a_strong_or_subtle_variation_of_an_upscale_is_a_grid(strength: str) -> None:
    caller = Caller()
    task_id = caller.submit("variations", caller.task(kinds.UpscaledPicture), index=strength).task_id
    caller.now += ENOUGH
    assert grid_of(task_id, f"variation-{strength}") == caller.fetch(task_id)


@pytest.mark.parametrize(
    ("endpoint", "fields", "task_type"),
    [
        ("upscale-1x", {"index": "2"}, "upscale#1"),
        ("upscale-1x", {"index": 2}, "upscale#1"),
        ("upscale-alt", {"type": "creative"}, "upscale-creative"),
        ("upscale-2x-4x", {"type": "4x"}, "upscale-4x"),
    ],
)
def test_a_finished_upscale_has_one_url_and_no_percentage(
    endpoint: str, fields: dict[str, JSON], task_type: str
) -> None:
    caller = Caller()
    task_id = caller.submit(endpoint, **fields).task_id
    caller.now += ENOUGH
    assert single_of(task_id, task_type) == caller.fetch(task_id)


def test_an_upscale_of_a_tile_or_of_a_url_is_a_single_picture() -> None:
    caller = Caller()
    of_tile = caller.submit("upscale-2x-4x", caller.task(kinds.BlendGrid), index="4").task_id
    of_url = caller.submit("upscale-2x-4x", image_url=URL).task_id
    caller.now += ENOUGH
    assert single_of(of_tile, "upscale-2x", name="0_3.png") == caller.fetch(of_tile)
    assert single_of(of_url, "upscale-2x", name="0_0.png") == caller.fetch(of_url)


def test_a_finished_faceswap_is_a_single_picture() -> None:
    caller = Caller()
    task_id = caller.task(kinds.Picture)
    task_id = caller.submit("faceswap").task_id
    caller.now += ENOUGH
    assert single_of(task_id, "faceswap", name="0_0.png", model="faceswap") == caller.fetch(task_id)


@pytest.mark.parametrize(
    ("endpoint", "task_type"), [("imagine-video", "imagine-video"), ("extend-video", "imagine-video-extend")]
)
def test_finished_videos_are_four(endpoint: str, task_type: str) -> None:
    caller = Caller(World(video_suffix=".mp4"))
    task_id = caller.submit(endpoint).task_id
    caller.now += ENOUGH
    expected = {
        "task_id": task_id,
        "task_type": task_type,
        "model": "midjourney",
        "status": "finished",
        "percentage": "100",
        "video_urls": [f"{MEDIA}/{task_id}/0_{number}.mp4" for number in range(4)],
    }
    assert expected == caller.fetch(task_id)


def test_a_description_echoes_the_url_and_has_four_numbered_prompts() -> None:
    caller = Caller()
    item = caller.fetch(caller.task(kinds.Description))
    content = item.pop("content")
    assert {
        "task_id": item["task_id"],
        "task_type": "describe",
        "model": "midjourney",
        "status": "finished",
        "image_url": URL,
    } == item
    assert [text.split()[0] for text in content] == ["1️⃣", "2️⃣", "3️⃣", "4️⃣"]
    assert all("photo of a boat" in text and text.endswith("--ar 4:3") for text in content)


def test_a_shortening_has_three_prompts_and_an_analysis() -> None:
    caller = Caller()
    item = caller.fetch(caller.task(kinds.Shortening))
    assert {
        "task_id": item["task_id"],
        "task_type": "shorten",
        "model": "midjourney",
        "status": "finished",
        "content": ["1️⃣ elk misty forest --ar 16:9", "2️⃣ elk misty --ar 16:9", "3️⃣ elk --ar 16:9"],
        "full_content": "**Important tokens:** elk, misty, forest\n**Low impact:** a, very, beautiful, in, the",
    } == item


def test_a_seed_is_told_as_a_number_in_a_text() -> None:
    caller = Caller()
    item = caller.fetch(caller.task(kinds.Seed))
    assert item["seed"].isdigit()
    assert list(item) == ["task_id", "task_type", "model", "status", "seed"]


def test_the_seed_that_was_told_gives_the_same_pictures_again() -> None:
    caller = Caller()
    first = caller.submit("imagine", prompt="an elk").task_id
    caller.now += ENOUGH
    asked = caller.submit("seed", first).task_id
    caller.now += ENOUGH
    again = caller.submit("imagine", prompt=f"an elk --seed {caller.fetch(asked)['seed']}").task_id
    caller.now += ENOUGH
    shown = caller.world.scene(first, "0_2.png", now=caller.now)
    assert shown is not None
    assert shown == caller.world.scene(again, "0_2.png", now=caller.now)


@pytest.mark.parametrize(
    "model", [model for model in MODELS.values() if model.mode == "sync"], ids=lambda model: model.id
)
def test_a_synchronous_model_answers_the_finished_task(model: JSON) -> None:
    caller = Caller()
    said = caller.submit("imagine", model=model.id, **({"image_url": URL} if model.image_url == "required" else {}))
    assert {
        "task_id": said.task_id,
        "status": "finished",
        "image_url": f"{MEDIA}/{said.task_id}/0_0.png",
    } == said.json
    assert 2 < said.answer.delay < 60
    assert caller.fetch(said.task_id)["status"] == "staged"
    caller.now += said.answer.delay
    expected = single_of(said.task_id, "imagine", name="0_0.png", model=model.id) | {"percentage": "100"}
    assert expected == caller.fetch(said.task_id)


@pytest.mark.parametrize("model", ["flux-pro", "flux-dev", "flux-schnell"])
def test_flux_1_is_asynchronous_and_gives_one_picture_in_the_format_asked_for(model: str) -> None:
    caller = Caller()
    said = caller.submit("imagine", model=model, output_format="jpg", negative_prompt="fog", resolution="2K")
    assert (0.0, {"task_id": said.task_id}) == (said.answer.delay, said.json)
    caller.now += ENOUGH
    expected = single_of(said.task_id, "imagine", name="0_0.jpg", model=model) | {"percentage": "100"}
    assert expected == caller.fetch(said.task_id)


def test_a_synchronous_task_that_fails_is_answered_as_failed() -> None:
    said = Caller().submit("imagine", model="z-image", prompt="x [sandbox:fail=out of paint]")
    assert {"task_id": said.task_id, "status": "failed", "error": "out of paint"} == said.json


def test_a_failed_task_tells_why_and_no_percentage() -> None:
    caller = Caller()
    task_id = caller.submit("imagine", prompt="x [sandbox:fail]").task_id
    caller.now += ENOUGH
    assert {
        "task_id": task_id,
        "task_type": "imagine",
        "model": "midjourney",
        "status": "failed",
        "error": "Content policy violation",
    } == caller.fetch(task_id)


def test_a_processing_task_tells_its_percentage_as_a_text() -> None:
    caller = Caller(World(task_seconds=100))
    task_id = caller.submit("imagine").task_id
    caller.now += 50
    item = caller.fetch(task_id)
    assert 0 <= int(item.pop("percentage")) < 100
    assert {"task_id": task_id, "task_type": "imagine", "model": "midjourney", "status": "processing"} == item


def test_fetch_many_keeps_the_order_and_leaves_unknown_ids_out() -> None:
    caller = Caller()
    first, second = caller.submit("imagine").task_id, caller.submit("blend").task_id
    said = caller.post("fetch-many", task_ids=[second, "dd8g6c88-unknown", first])
    assert [second, first] == [item["task_id"] for item in said.json["tasks"]]
    assert caller.fetch(second) == said.json["tasks"][0]


def test_the_account_tells_numbers_as_numbers() -> None:
    caller = Caller(World(plan="growth", credits=100))
    caller.task(kinds.UpscaledPicture)
    expected = {"email": "sandbox@example.com", "credits": 94, "total_images": 5, "plan": "growth"}
    assert expected == caller.account()


@pytest.mark.parametrize("kind", MAKERS, ids=lambda kind: kind.__name__)
def test_every_result_is_read_by_the_client_as_its_kind(kind: JSON) -> None:
    caller = Caller()
    task_id = caller.task(kind)
    said = caller.post("fetch", task_id=task_id)
    state = read_task(fetch(task_id), Reply(status=said.status, body=said.answer.body))
    assert state.done
    assert kind is state.kind


def test_there_is_an_example_for_every_endpoint() -> None:
    assert set(ACTIONS) == set(BODIES)
