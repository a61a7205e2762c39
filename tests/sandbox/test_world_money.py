"""The books add up, the plan's limit holds, and nothing is charged that was not accepted."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async.core.actions import ACTIONS
from journey_async.core.models import MODELS
from journey_async.sandbox import World
from tests.sandbox.asking import ENOUGH, URL, Caller


@pytest.mark.parametrize("endpoint", [name for name in ACTIONS if name != "imagine"])
def test_an_accepted_request_costs_what_the_tables_say(endpoint: str) -> None:
    caller = Caller()
    caller.submit(endpoint)
    last = caller.ledger["charges"][-1]
    assert (endpoint, ACTIONS[endpoint].price, False) == (last["action"], last["credits"], last["refunded"])


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.id)
def test_an_imagine_costs_what_its_model_costs(model: object) -> None:
    caller = Caller()
    for known in MODELS.values():
        if known is model:
            image = {"image_url": URL} if known.image_url == "required" else {}
            caller.submit("imagine", model=known.id, **image)
            assert 1000 - known.credits == caller.ledger["credits"] == caller.account()["credits"]


def test_credits_are_taken_at_acceptance_and_given_back_on_failure() -> None:
    caller = Caller()
    task_id = caller.submit("imagine", prompt="x [sandbox:fail] [sandbox:seconds=10]").task_id
    assert {
        "credits": 996,
        "charged": 4,
        "refunded": 0,
        "accepted": 1,
        "requests": {"/imagine": 1},
        "in_flight": 1,
        "slot_seconds": {"busy": 0.0, "possible": 0.0},
        "charges": [{"task_id": task_id, "action": "imagine", "credits": 4, "refunded": False}],
    } == caller.ledger
    caller.now += 10
    assert {
        "credits": 1000,
        "charged": 4,
        "refunded": 4,
        "accepted": 1,
        "requests": {"/imagine": 1},
        "in_flight": 0,
        "slot_seconds": {"busy": 0.0, "possible": 0.0},
        "charges": [{"task_id": task_id, "action": "imagine", "credits": 4, "refunded": True}],
    } == caller.ledger


def test_every_request_of_the_api_is_counted_also_a_refused_one() -> None:
    caller = Caller()
    caller.post("imagine")
    caller.ask("POST", "imagine", headers={})
    caller.ask("GET", "fetch")
    caller.account()
    caller.ask("POST", "nowhere")
    caller.world.answer("GET", "/elsewhere", headers={}, body=b"", now=0)
    assert caller.ledger["requests"] == {"/imagine": 2, "/fetch": 1, "/account": 1, "/nowhere": 1}


def test_a_ledger_is_a_copy() -> None:
    caller = Caller()
    caller.submit("imagine")
    caller.ledger["charges"][0]["refunded"] = True
    assert not caller.ledger["charges"][0]["refunded"]


@pytest.mark.parametrize(
    ("world", "limit"),
    [
        (World(plan="basic"), 5),
        (World(plan="starter"), 10),
        (World(plan="growth"), 25),
        (World(plan="enterprise"), 50),
        (World(plan="enterprise", slots=3), 3),
    ],
)
def test_a_plan_runs_so_many_tasks_at_once(world: World, limit: int) -> None:
    caller = Caller(world)
    assert [200] * limit + [429] == [caller.submit("imagine").status for _ in range(limit + 1)]
    assert limit == caller.ledger["in_flight"]
    caller.now += ENOUGH
    assert caller.submit("imagine").status == 200


def test_a_synchronous_task_takes_a_slot_until_it_ends() -> None:
    caller = Caller(World(slots=1, task_seconds=5))
    caller.submit("imagine", model="z-image")
    assert caller.submit("imagine", model="z-image").status == 429
    caller.now += 5
    assert caller.submit("imagine", model="z-image").status == 200


def test_a_stuck_task_keeps_its_slot() -> None:
    caller = Caller(World(slots=1))
    caller.submit("imagine", prompt="x [sandbox:stuck]")
    caller.now += ENOUGH
    assert caller.submit("imagine").status == 429


FAULTS = [
    "lost-reply:*:0.2",
    "error-after-accept:*:0.1",
    "reset-before-accept:*:0.1",
    "http-500:*:0.1",
    "http-429:*:0.1",
    "truncated-json:*:0.1",
    "task-failed:*:0.3",
    "stuck:*:2",
]


@given(st.integers(0, 2**32), st.integers(0, 60), st.integers(1, 6), st.booleans())
def test_the_books_add_up_after_any_schedule(seed: int, credits_given: int, slots: int, faulty: bool) -> None:
    chance = Random(seed)
    caller = Caller(World(seed=seed, credits=credits_given, slots=slots, faults=FAULTS if faulty else []))
    for _ in range(25):
        caller.now += chance.choice((0, 0, 0, 5, 60))
        endpoint = chance.choice(("imagine", "shorten", "blend", "imagine-video"))
        prompt = chance.choice(("elk", "elk [sandbox:fail]", " "))
        said = caller.submit(endpoint, **({} if endpoint == "blend" else {"prompt": prompt}))
        ledger = caller.ledger
        assert credits_given == ledger["credits"] + ledger["charged"] - ledger["refunded"]
        assert ledger["in_flight"] <= slots
        assert min(ledger["credits"], ledger["in_flight"]) >= 0
        assert ledger["accepted"] == len(ledger["charges"])
        assert ledger["charged"] == sum(charge["credits"] for charge in ledger["charges"])
        assert ledger["refunded"] == sum(charge["credits"] for charge in ledger["charges"] if charge["refunded"])
        assert said.status in {0, 200, 400, 402, 429, 500}
    caller.now += ENOUGH
    assert caller.ledger["in_flight"] <= 2


def imagine_at(caller: Caller, when: float, marks: str) -> int:
    caller.now = when
    return caller.submit("imagine", prompt=f"elk {marks}").status


def test_slot_seconds_are_from_the_first_acceptance_to_the_last() -> None:
    caller = Caller(World(slots=3))
    assert caller.ledger["slot_seconds"] == {"busy": 0.0, "possible": 0.0}
    for when, marks in ((100, "[sandbox:seconds=10]"), (104, "[sandbox:fail] [sandbox:seconds=50]"), (120, "")):
        assert imagine_at(caller, when, marks) == 200
    caller.now += ENOUGH
    assert caller.submit("imagine", prompt=" ").status == 400, "what is refused is no acceptance"

    # 10 s of the first and 16 s of the second are before the last acceptance, 120 s; the third began there.
    assert caller.ledger["slot_seconds"] == {"busy": 26.0, "possible": 60.0}


def test_a_plan_that_is_always_full_is_told_to_be_full() -> None:
    caller = Caller(World(slots=2, task_seconds=0.1, credits=2000))
    for _ in range(200):
        assert [caller.submit("imagine").status for _ in range(3)] == [200, 200, 429]
        caller.now = caller.world.next_event(caller.now) or 0.0

    seconds = caller.ledger["slot_seconds"]
    assert seconds["possible"] == pytest.approx(2 * 199 * 0.1)
    assert seconds["busy"] == pytest.approx(seconds["possible"])
    assert seconds["busy"] <= seconds["possible"]


@pytest.mark.parametrize(("world", "slots"), [(World(plan="growth"), 25), (World(plan="enterprise", slots=70), 70)])
def test_the_slots_that_could_be_busy_are_those_of_the_plan_or_the_chosen_number(world: World, slots: int) -> None:
    caller = Caller(world)
    assert [imagine_at(caller, when, "[sandbox:stuck]") for when in (0, ENOUGH)] == [200, 200]

    assert caller.ledger["slot_seconds"] == {"busy": ENOUGH, "possible": slots * ENOUGH}


LIVES = st.sampled_from(
    ["[sandbox:stuck]", "[sandbox:fail]", *(f"[sandbox:seconds={n}]" for n in (0, 0.1, 3, 7.7, 40))]
)


@given(st.lists(st.tuples(st.floats(0, 20), LIVES), max_size=30), st.integers(1, 12), st.floats(0, 1000))
def test_slot_seconds_are_what_a_naive_sum_over_the_tasks_gives(
    asked: list[tuple[float, str]], slots: int, later: float
) -> None:
    caller = Caller(World(slots=slots))
    lives: list[tuple[float, float]] = []
    for pause, marks in asked:
        accepted = imagine_at(caller, caller.now + pause, marks) == 200
        if accepted:
            task_id = caller.ledger["charges"][-1]["task_id"]
            lives.append((caller.now, caller.world._account.tasks[task_id].ends_at))  # pyright: ignore[reportPrivateUsage]
    caller.now += later

    first, last = min((begun for begun, _ in lives), default=0.0), max((begun for begun, _ in lives), default=0.0)
    naive = sum(min(ends, last) - begun for begun, ends in lives)
    seconds = caller.ledger["slot_seconds"]
    assert seconds["busy"] == pytest.approx(naive, abs=1e-9)
    assert seconds["possible"] == slots * (last - first)
    assert seconds["busy"] <= seconds["possible"]
