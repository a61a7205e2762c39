"""Faults by name: how they are written, where they strike, and what they leave behind."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async.core.actions import ACTIONS
from journey_async.errors import ConfigurationError
from journey_async.sandbox import FAULTS, Fault, World
from journey_async.sandbox.faults import AFTER, BEFORE, ENDPOINTS
from tests.sandbox.asking import ENOUGH, Caller


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("stuck", Fault("stuck")),
        ("stuck:", Fault("stuck")),
        ("stuck:*", Fault("stuck")),
        ("stuck::2", Fault("stuck", count=2)),
        ("lost-reply:imagine:1", Fault("lost-reply", "imagine", count=1)),
        ("http-500:*:0.25", Fault("http-500", probability=0.25)),
        (" http-500 : fetch-many : 1.0 ", Fault("http-500", "fetch-many")),
        ("http-500:*:.5", Fault("http-500", probability=0.5)),
        ("http-500:*:0.00001", Fault("http-500", probability=0.00001)),
        ("http-500:*:0.0", Fault("http-500", probability=0)),
    ],
)
def test_a_fault_is_read_from_text(text: str, fault: Fault) -> None:
    assert fault == Fault.parse(text)
    assert fault == Fault.parse(str(fault))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "fault '': unknown, use one of lost-reply, error-after-accept, "),
        ("lost-replies", "fault 'lost-replies': unknown, use one of lost-reply, "),
        ("stuck:fetch", "fault 'stuck:fetch': cannot strike 'fetch', use * or one of imagine, reroll, "),
        ("omit-id:imagine", "fault 'omit-id:imagine': cannot strike 'imagine', use * or one of fetch, fetch-many"),
        ("http-500:nowhere", "fault 'http-500:nowhere': cannot strike 'nowhere', use * or one of imagine, "),
        ("stuck:imagine:0", "fault 'stuck:imagine:0': count is 0, use 1 or more"),
        ("stuck:imagine:1.5", "fault 'stuck:imagine:1.5': probability is 1.5, use 0.0 to 1.0"),
        ("stuck:imagine:often", "fault 'stuck:imagine:often': write NAME[:ENDPOINT[:PROBABILITY or COUNT]], "),
        ("stuck:imagine:1:2", "fault 'stuck:imagine:1:2': write NAME[:ENDPOINT[:PROBABILITY or COUNT]], "),
        ("stuck:imagine:-1", "fault 'stuck:imagine:-1': write NAME"),
    ],
)
def test_a_fault_that_makes_no_sense_says_what_is_allowed(text: str, expected: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Fault.parse(text)
    assert str(caught.value).startswith(expected)


@given(st.text() | st.from_regex(r"[a-z0-9-]{0,20}(:[a-z*-]{0,9}(:[0-9.]{0,9})?)?", fullmatch=True))
def test_any_text_is_a_fault_or_a_configuration_error(text: str) -> None:
    try:
        fault = Fault.parse(text)
    except ConfigurationError:
        return
    assert fault == Fault.parse(str(fault))


def outcome(fault: str) -> tuple[Caller, int, bytes | None]:
    """Ask for an imagine under a fault: the caller, how many tasks were accepted, and the body if there was one."""
    caller = Caller(World(task_seconds=10, faults=[f"{fault}:imagine:1"]))
    answer = caller.submit("imagine").answer
    return caller, caller.ledger["accepted"], None if answer.cut else answer.body


@pytest.mark.parametrize("fault", ["lost-reply", "reset-before-accept"])
def test_the_connection_is_cut(fault: str) -> None:
    _, accepted, body = outcome(fault)
    assert ((fault == "lost-reply"), None) == (accepted == 1, body)


def test_an_error_after_accept_is_a_500_for_an_accepted_task() -> None:
    caller, accepted, body = outcome("error-after-accept")
    assert (accepted, body) == (1, b"{}")
    caller = Caller(World(faults=["error-after-accept"]))
    assert caller.submit("imagine").status == 500


@pytest.mark.parametrize(
    ("fault", "status"), [("http-500", 500), ("http-502", 502), ("http-429", 429), ("http-429-bare", 429)]
)
def test_an_error_on_arrival_accepts_nothing(fault: str, status: int) -> None:
    caller = Caller(World(faults=[f"{fault}:imagine:1"]))
    said = caller.submit("imagine")
    assert (status, 0) == (said.status, caller.ledger["accepted"])
    assert (fault == "http-502") == said.answer.headers["Content-Type"].startswith("text/html")
    assert ("1" if fault == "http-429" else None) == said.answer.headers.get("Retry-After")
    assert caller.submit("imagine").status == 200


def test_truncated_json_is_the_first_half_of_the_reply_to_an_accepted_task() -> None:
    caller, accepted, body = outcome("truncated-json")
    task_id = caller.ledger["charges"][0]["task_id"]
    assert (accepted, json.dumps({"task_id": task_id}).encode().startswith(body or b"x")) == (1, True)
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        json.loads(body or b"")


def test_not_json_is_a_page_with_status_200_for_an_accepted_task() -> None:
    caller = Caller(World(faults=["not-json"]))
    said = caller.submit("imagine")
    assert (said.status, said.json, caller.ledger["accepted"]) == (200, None, 1)
    assert said.answer.body.startswith(b"<html>")


def test_a_slow_reply_is_held_for_two_real_seconds() -> None:
    caller = Caller(World(speed=20, task_seconds=1, faults=["slow-reply"]))
    assert caller.submit("imagine").answer.delay == pytest.approx(40)
    assert caller.submit("imagine", model="z-image").answer.delay == pytest.approx(60)


def test_an_id_is_left_out_once() -> None:
    caller = Caller(World(faults=["omit-id:*:2"]))
    first, second = caller.submit("imagine").task_id, caller.submit("imagine").task_id
    assert len(caller.post("fetch-many", task_ids=[first, second]).json["tasks"]) == 1
    assert caller.post("fetch", task_id=first).messages == ["task_id not found"]
    assert len(caller.post("fetch-many", task_ids=[first, second]).json["tasks"]) == 2


def test_a_task_is_stuck_or_fails() -> None:
    caller = Caller(World(faults=["stuck:imagine:1", "task-failed:imagine:1"]))
    stuck, failed, fine = (caller.submit("imagine").task_id for _ in range(3))
    caller.now += ENOUGH
    assert caller.fetch(stuck)["percentage"] == "93"
    assert caller.fetch(failed)["error"] == "Content policy violation"
    assert caller.fetch(fine)["status"] == "finished"
    assert caller.ledger["refunded"] == 4


@pytest.mark.parametrize("fault", AFTER)
def test_a_fault_of_the_reply_is_not_spent_on_a_refused_request(fault: str) -> None:
    caller = Caller(World(faults=[f"{fault}::1"]))
    assert caller.submit("imagine", prompt="").status == 400
    assert len(caller.world.faults) == 1


@pytest.mark.parametrize(
    "fault", ["lost-reply", "error-after-accept", "reset-before-accept", "http-429", "http-429-bare"]
)
def test_a_fault_of_acceptance_leaves_free_requests_alone_unless_they_are_named(fault: str) -> None:
    assert Caller(World(faults=[fault])).ask("GET", "account").status == 200
    if fault != "error-after-accept":
        assert Caller(World(faults=[f"{fault}:account"])).ask("GET", "account").status != 200


@pytest.mark.parametrize("fault", ["http-500", "http-502", "truncated-json", "not-json"])
def test_a_fault_of_the_line_strikes_free_requests_too(fault: str) -> None:
    said = Caller(World(faults=[fault])).ask("GET", "account")
    assert said.json is None or said.status == 500


def test_a_count_is_counted_down_and_a_probability_is_kept() -> None:
    caller = Caller(World(slots=500, credits=10_000, faults=["http-500:imagine:3", "http-429:imagine:0.5"]))
    assert [caller.submit("imagine").status for _ in range(2)] == [500, 500]
    assert [str(fault) for fault in caller.world.faults] == ["http-500:imagine:1", "http-429:imagine:0.5"]
    statuses = [caller.submit("imagine").status for _ in range(401)]
    assert (statuses.count(500), 150 < statuses.count(429) < 250) == (1, True)
    assert [str(fault) for fault in caller.world.faults] == ["http-429:imagine:0.5"]


def test_faults_can_be_replaced() -> None:
    caller = Caller(World(faults=["http-500"]))
    caller.world.set_faults(["stuck", Fault("http-502", "fetch", count=1)])
    assert [str(fault) for fault in caller.world.faults] == ["stuck", "http-502:fetch:1"]
    with pytest.raises(ConfigurationError, match="unknown"):
        caller.world.set_faults(["nonsense"])
    assert len(caller.world.faults) == 2
    caller.world.set_faults([])
    assert caller.submit("imagine").status == 200


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_fault_can_be_asked_for_wherever_it_says(fault: str, endpoint: str) -> None:
    free = endpoint not in ACTIONS
    of_tasks = fault in {"error-after-accept", "stuck", "task-failed"} or fault.endswith("-webhook")
    if (free and of_tasks) or (fault == "omit-id" and not endpoint.startswith("fetch")):
        with pytest.raises(ConfigurationError, match=f"cannot strike '{endpoint}', use"):
            Fault(fault, endpoint)
        return
    caller = Caller(World(faults=[f"{fault}:{endpoint}:1"]))
    if endpoint in ACTIONS:
        caller.submit(endpoint)
    elif endpoint == "account":
        caller.ask("GET", endpoint)
    else:
        task_id = caller.submit("imagine").task_id
        caller.post(endpoint, {"task_id": task_id} if endpoint == "fetch" else {"task_ids": [task_id, "x"]})
    assert caller.world.faults == () or fault.endswith("-webhook")


def test_every_fault_strikes_before_or_after_or_is_handled_by_name() -> None:
    by_name = {"slow-reply", "omit-id", "stuck", "task-failed"} | {name for name in FAULTS if name.endswith("-webhook")}
    assert set(FAULTS) == {*BEFORE, *AFTER, *by_name}
