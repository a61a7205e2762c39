"""The fault campaign in short, with fixed seeds: `python -m tests.chaos` is the long one."""

from __future__ import annotations

import sys

import pytest

from journey_async.sandbox import Sandbox
from journey_async.sandbox.faults import FAULTS
from tests.chaos.account import MUST_BE_ZERO, Account, Findings
from tests.chaos.act import act
from tests.chaos.campaign import perform, report
from tests.chaos.clients import client
from tests.chaos.cutting import journal_cut
from tests.chaos.lives import killed, on_bad_disks, run
from tests.chaos.proxy import MISBEHAVIOUR
from tests.chaos.troubles import POSSIBLE, TROUBLES, mixture, outages, trouble
from tests.chaos.work import chain, downloads, impatient, jumping, unresolvable, webhooks

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc, and limits processes")


@pytest.mark.parametrize(
    ("seed", "jobs"),
    [
        ("1.0", (chain, impatient, jumping, unresolvable, webhooks, downloads)),
        ("2.0", (run, journal_cut, on_bad_disks, killed)),
    ],
    ids=["calls", "runs"],
)
async def test_an_act_ends_with_nothing_wrong(seed: str, jobs: tuple[object, ...]) -> None:
    """Nothing is charged twice, lost, hung, wrong or left open, whatever goes wrong."""
    found = await perform(seed, jobs, uvloop=False, longest=45.0)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert found.wrong == []
    assert found.clean
    assert found.counts["tasks"] > 10
    assert sum(found.injected.values()) > 10


# The plan


def test_what_happens_follows_from_the_seed_alone() -> None:
    def planned(seed: str) -> object:
        troubles = [trouble(seed, sort, number, 0.3) for sort in POSSIBLE for number in range(50)]
        return troubles, outages(seed, 5), mixture(seed)

    assert planned("1") == planned("1")
    assert planned("1") != planned("2")


def test_every_trouble_and_every_fault_comes() -> None:
    """And the proxy knows how to do each."""
    assert MISBEHAVIOUR.keys() == TROUBLES.keys()
    came = {each.name for sort in POSSIBLE for number in range(500) if (each := trouble("1", sort, number, 1.0))}
    assert came == set(TROUBLES)
    assert {fault.partition(":")[0] for number in range(20) for fault in mixture(str(number))} == set(FAULTS)


def test_none_comes_where_none_is_to_come() -> None:
    assert [trouble("1", "paid", number, 0.0) for number in range(100)] == [None] * 100


# What a campaign would find


async def test_a_double_charge_is_found() -> None:
    async with Sandbox() as box, client(box.base_url, box.api_key) as journey:
        account = Account(box, findings := Findings(), forgetful=False)
        await account.paid(journey.imagine("an elk"))
        await account.paid(journey.imagine("an elk"))
        account.close()
    assert findings.counts["charged twice"] == 1
    assert not findings.clean


async def test_a_task_that_nobody_was_told_of_is_found() -> None:
    async with Sandbox() as box, client(box.base_url, box.api_key) as journey:
        account = Account(box, findings := Findings(), forgetful=False)
        await journey.imagine("an elk")
        account.close()
    assert findings.counts["accepted and unknown"] == 1


async def test_a_task_that_was_never_accepted_is_found() -> None:
    async with Sandbox() as box:
        account = Account(box, findings := Findings(), forgetful=False)
        account.known.add("550e8400")
        account.close()
    assert findings.counts["wrong results"] == 1


async def test_a_client_that_stays_open_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its connection is open after the act."""
    monkeypatch.setattr("tests.chaos.act.AFTERMATH", 0.05)
    findings = Findings()
    left = None
    async with act("1", findings, uvloop=False, hostile=False) as stage:
        left = client(stage.base_url, stage.box.api_key)
        journey = await left.__aenter__()
        await journey.account()
    await left.__aexit__(None, None, None)
    assert findings.counts["leaked connections"] == 1


def test_the_report_names_what_must_be_zero() -> None:
    findings = Findings()
    findings.found("hung", "a run")
    lines = report(findings).splitlines()
    assert [line.split()[-1] for line in lines if "(must be 0)" in line] == ["0", "0", "1", "0", "0", "0", "0"]
    assert len(MUST_BE_ZERO) == 7
