"""How tasks go on as time passes: their states, their percentages, their durations."""

from __future__ import annotations

from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async.core import kinds
from journey_async.core.actions import ACTIONS
from journey_async.sandbox import World
from journey_async.sandbox.scenes import Extended, Imagined, Inpainted, Photo, Swapped, Upscaled
from tests.sandbox.asking import ENOUGH, JSON, URL, Caller

ORDER = ("staged", "pending", "starting", "processing", "finished")


def watched(caller: Caller, task_id: str, *, seconds: float, looks: int = 200) -> list[dict[str, JSON]]:
    items: list[dict[str, JSON]] = []
    for _ in range(looks + 1):
        items.append(caller.fetch(task_id))
        caller.now += seconds / looks
    return items


def test_a_task_goes_through_every_state_in_order() -> None:
    caller = Caller(World(task_seconds=100))
    items = watched(caller, caller.submit("imagine").task_id, seconds=100.1)
    assert list(ORDER) == list(dict.fromkeys(item["status"] for item in items))
    assert all("percentage" in item for item in items if item["status"] in {"processing", "finished"})
    assert not any("percentage" in item for item in items if item["status"] not in {"processing", "finished"})


@given(st.integers(0, 2**32))
def test_a_percentage_rises_from_0_to_100_in_small_uneven_steps(seed: int) -> None:
    caller = Caller(World(seed=seed, task_seconds=100))
    items = watched(caller, caller.submit("imagine").task_id, seconds=100.1)
    seen = [int(item["percentage"]) for item in items if "percentage" in item]
    steps = [after - before for before, after in pairwise(seen)]
    assert (seen[0], seen[-1]) == (0, 100)
    assert min(steps) >= 0
    assert max(steps) <= 15
    assert len({step for step in steps if step}) > 1


@pytest.mark.parametrize(
    ("endpoint", "fields", "about"),
    [
        ("imagine", {}, 45),
        ("imagine", {"model": "flux-pro"}, 15),
        ("imagine", {"model": "flux-schnell"}, 3),
        ("upscale-1x", {}, 8),
        ("upscale-2x-4x", {"type": "4x"}, 35),
        ("shorten", {}, 6),
        ("imagine-video", {}, 150),
    ],
)
def test_a_task_takes_as_long_as_the_real_thing(endpoint: str, fields: dict[str, JSON], about: float) -> None:
    caller = Caller(World(credits=10_000, slots=1000))
    parent = caller.task(kinds.UpscaledPicture if endpoint == "upscale-2x-4x" else kinds.ImagineGrid)
    took: list[float] = []
    for _ in range(101):
        started = caller.now
        caller.submit(endpoint, parent, **fields)
        ended = caller.world.next_event(caller.now)
        assert ended is not None
        took.append(ended - started)
        caller.now = ended
    assert about * 0.85 < median(took) < about * 1.15
    assert max(took) < about * 2.1
    assert len(set(took)) > 90


@pytest.mark.parametrize("endpoint", ACTIONS)
def test_task_seconds_are_real_seconds_for_every_endpoint(endpoint: str) -> None:
    caller = Caller(World(task_seconds=0.5, speed=20))
    caller.submit(endpoint)
    ended = caller.world.next_event(caller.now)
    assert ended is not None
    assert ended - caller.now == pytest.approx(10)


def test_a_task_of_no_seconds_is_finished_at_once() -> None:
    caller = Caller(World(task_seconds=0))
    assert caller.fetch(caller.submit("imagine").task_id)["status"] == "finished"


def test_a_prompt_can_ask_for_seconds_and_nonsense_is_no_wish() -> None:
    caller = Caller(World(task_seconds=1, slots=100))
    caller.submit("imagine", prompt="elk [sandbox:seconds=2.5]")
    assert caller.world.next_event(0) == pytest.approx(2.5)
    for value in ("-1", "nan", "1e9", "9" * 5000, ""):
        caller = Caller(World(task_seconds=1))
        caller.submit("imagine", prompt=f"elk [sandbox:seconds={value}]")
        assert caller.world.next_event(0) == pytest.approx(1)


def test_a_stuck_task_stays_at_93_percent() -> None:
    caller = Caller()
    task_id = caller.submit("imagine", prompt="elk [sandbox:stuck]").task_id
    caller.now += ENOUGH
    item = caller.fetch(task_id)
    assert (item["status"], item["percentage"]) == ("processing", "93")
    assert caller.world.next_event(caller.now) is None


def test_a_prompt_can_ask_for_failure_in_its_own_words() -> None:
    caller = Caller()
    task_id = caller.submit("imagine", prompt="elk [sandbox:fail= the camera is broken ]").task_id
    caller.now += ENOUGH
    assert caller.fetch(task_id)["error"] == "the camera is broken"


def test_time_never_runs_backwards() -> None:
    caller = Caller(World(task_seconds=10))
    task_id = caller.submit("imagine").task_id
    caller.now = 10
    assert caller.fetch(task_id)["status"] == "finished"
    caller.now = 5
    assert caller.fetch(task_id)["status"] == "finished"


def test_the_same_seed_gives_the_same_answers() -> None:
    def story(seed: int) -> list[JSON]:
        caller = Caller(World(seed=seed, faults=["http-500:fetch:0.5"]))
        first = caller.task(kinds.UpscaledPicture)
        caller.submit("pan", first)
        items: list[JSON] = [caller.fetch(first) for _ in range(10)]
        caller.now += 20
        return [
            *items,
            caller.ledger,
            caller.world.next_event(caller.now),
            caller.post("fetch-many", task_ids=[first, "x"]),
        ]

    assert story(7) == story(7)
    assert story(7) != story(8)


def tile(world: World, task_id: str, name: str = "0_1.png", now: float = 1e6) -> JSON:
    shown = world.scene(task_id, name, now=now)
    assert isinstance(shown, tuple)
    return shown[0]


def test_the_same_prompt_and_seed_give_the_same_picture_in_any_order() -> None:
    first, second = Caller(World(seed=3)), Caller(World(seed=3))
    before = first.submit("imagine", prompt="elk").task_id
    second.submit("blend")
    after = second.submit("imagine", prompt="elk").task_id
    assert tile(first.world, before) == tile(second.world, after)
    other = Caller(World(seed=4))
    assert tile(first.world, before) != tile(other.world, other.submit("imagine", prompt="elk").task_id)


def test_the_same_edit_twice_gives_two_pictures() -> None:
    caller = Caller()
    parent = caller.task(kinds.ImagineGrid)
    first, second = (caller.submit("reroll", parent).task_id for _ in range(2))
    assert tile(caller.world, first) != tile(caller.world, second)


def test_an_edit_shows_its_parent() -> None:
    caller = Caller()
    grid = caller.submit("imagine", prompt="elk [sandbox:seconds=1] --ar 7:5").task_id
    caller.now += 2
    upscaled = caller.submit("upscale-1x", grid, index=3).task_id
    caller.now += ENOUGH
    inpainted = caller.submit("inpaint", upscaled, prompt="a red boat").task_id
    caller.now += ENOUGH
    base = tile(caller.world, grid, "0_2.png")
    assert isinstance(base, Imagined)
    assert (base.prompt, base.ratio, base.tile) == ("elk --ar 7:5", (7, 5), 3)
    assert Upscaled(base=base) == tile(caller.world, upscaled, "0_2.png")
    shown = tile(caller.world, inpainted, "0_3.png")
    assert isinstance(shown, Inpainted)
    assert (Upscaled(base=base), b"\x89PNG\r\n\x1a\n", "a red boat", 4) == (
        shown.base,
        shown.mask,
        shown.prompt,
        shown.tile,
    )


def test_an_extension_goes_on_from_the_chosen_video() -> None:
    caller = Caller()
    first = caller.task(kinds.ImagineVideos)
    longer = caller.submit("extend-video", first, index="4").task_id
    caller.now += ENOUGH
    shown = caller.world.scene(longer, "0_1.webp", now=caller.now)
    assert isinstance(shown, Extended)
    assert shown.clip == caller.world.scene(first, "0_3.webp", now=caller.now)
    other = caller.submit("extend-video", first, image_url=URL, parent_task_id=first).task_id
    caller.now += ENOUGH
    assert not isinstance(caller.world.scene(other, "0_1.webp", now=caller.now), Extended)


def test_a_url_of_the_sandbox_shows_its_own_picture_and_any_other_is_imagined() -> None:
    caller = Caller()
    grid = caller.task(kinds.ImagineGrid)
    own = caller.fetch(grid)["image_urls"][2]
    swapped = caller.submit("faceswap", target_image_url=own, swap_image_url=URL).task_id
    caller.now += ENOUGH
    assert Swapped(target=tile(caller.world, grid, "0_2.png"), face=Photo(url=URL)) == tile(
        caller.world, swapped, "0_0.png"
    )


@pytest.mark.parametrize("name", ["0_4.png", "grid_1.png", "", "0_0.webp"])
def test_a_file_that_no_task_makes_shows_nothing(name: str) -> None:
    caller = Caller()
    assert caller.world.scene(caller.task(kinds.ImagineGrid), name, now=caller.now) is None


def test_a_file_shows_nothing_before_its_task_is_finished() -> None:
    caller = Caller(World(task_seconds=10))
    task_id = caller.submit("imagine").task_id
    assert caller.world.scene(task_id, "0_0.png", now=9.9) is None
    assert caller.world.scene(task_id, "0_0.png", now=10) is not None
    sheet = caller.world.scene(task_id, "grid_0.png", now=10)
    assert isinstance(sheet, tuple)
    assert len(sheet) == 4
