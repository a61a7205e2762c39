"""`journey run`, `resume`, `status` and `settle`, in a pipe."""

from __future__ import annotations

import json
import re
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import pytest

from journey_async import TaskGraph
from journey_async.cli.exit_codes import IN_DOUBT, MISUSED, NO_CREDITS, REFUSED, TASKS_FAILED
from tests.cli.graphs import animals, pair
from tests.cli.processes import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async.sandbox import Sandbox
    from tests.cli.conftest import Typed

VARIES = re.compile(r'(_at": )[0-9.]+|[0-9a-f]{8}-[0-9a-f-]{27}|http://127[^"]*')
GOLDEN = """\
{"event": "planned", "nodes": 2, "to_send": 2, "credits": {"least": 6, "most": 6}, \
"earlier": {"taken": 0, "given_back": 0, "in_doubt": 0, "spent": 0}, \
"differences": {"added": [], "changed": [], "removed": []}, "balance": 1000, "slots": 10}
{"event": "submitted", "node": "elk", "action": "imagine", "credits": 4, "task_id": "*", "submitted_at": *}
{"event": "finished", "node": "elk", "action": "imagine", "credits": 4, "task_id": "*", "kind": "ImagineGrid", \
"urls": ["*", "*", "*", "*"], "sheet_url": "*", "submitted_at": *, "ended_at": *, "earlier": false}
{"event": "submitted", "node": "tile", "action": "upscale-1x", "credits": 2, "task_id": "*", "submitted_at": *}
{"event": "finished", "node": "tile", "action": "upscale-1x", "credits": 2, "task_id": "*", "kind": "UpscaledPicture", \
"urls": ["*"], "submitted_at": *, "ended_at": *, "earlier": false}
{"event": "outcome", "complete": true, "counts": {"finished": 2}, \
"spending": {"taken": 6, "given_back": 0, "in_doubt": 0, "spent": 6}, "paused": null, "exit_code": 0}
"""


def events(out: str, *names: str) -> list[dict[str, Any]]:
    """Give the objects of *out* about these events."""
    return [told for line in out.splitlines() if (told := json.loads(line))["event"] in names]


def test_json_of_a_run(journey: Typed, tmp_path: Path) -> None:
    """The shape that programs rely on, word for word; how far tasks are may be told any number of times."""
    said = journey("run", pair(tmp_path), "--json")

    lines = [line for line in said.out.splitlines() if '"progressed"' not in line]
    assert (said.code, said.err) == (0, "")
    assert "".join(VARIES.sub(r"\1*", line) + "\n" for line in lines) == GOLDEN
    for told in events(said.out, "progressed"):
        assert list(told) == ["event", "node", "action", "credits", "task_id", "status", "percentage"]


def test_a_run_in_plain_lines(journey: Typed, journey_sandbox: Sandbox, tmp_path: Path) -> None:
    """A line for each event, the files, the sums; what was bought is not bought again."""
    file, out = animals(tmp_path, "elk"), tmp_path / "out"

    said = journey("run", file, "--download", out)

    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0] == "planned     6 nodes to send for 22 of 1000 credits, 10 at once"
    assert len([line for line in lines if line.startswith("finished    elk")]) == 6
    assert len([line for line in lines if re.fullmatch(r"submitted   elk\S* +\S+ +task \S+", line)]) == 6
    assert lines[-4:] == [
        "6 nodes: 6 finished",
        "22 credits spent",
        f"18 files in {out}",
        f"the journal is {tmp_path}/animals.db",
    ]
    assert {path.name for path in out.iterdir()} >= {"elk-1.png", "elk-tile-1.png", "elk-wide-4.png", "elk-big-1.png"}
    assert len(list(out.iterdir())) == 18

    again = journey("run", file, "--download", out)
    assert again.code == 0
    assert again.out.startswith("planned     0 of 6 nodes to send for 0 of 978 credits, 10 at once\n")
    assert "finished    " not in again.out
    assert len(list(out.iterdir())) == 18
    assert journey_sandbox.ledger()["charged"] == 22


def test_rows_times_a_template(journey: Typed, tmp_path: Path) -> None:
    """Rows need a template, and make a graph with it."""
    rows, template = tmp_path / "rows.csv", tmp_path / "template.toml"
    rows.write_text("name,mood\nelk,majestic\nfox,sly\n")
    template.write_text('[nodes.grid]\naction = "imagine"\nprompt = "a {mood} {name}"\n')

    without = journey("run", rows)
    said = journey("run", rows, "--template", template, "--journal", tmp_path / "j.db", "--in-flight", 1)

    assert without.code == MISUSED
    assert "--template FILE" in without.err
    assert said.code == 0
    assert "8 of 1000 credits, 1 at once" in said.out
    assert len(re.findall("finished    (?:elk|fox)/grid ", said.out)) == 2
    assert (tmp_path / "j.db").exists()


@pytest.mark.journey_sandbox(faults=["task-failed:imagine:1"])
def test_failed_and_skipped_nodes(journey: Typed, tmp_path: Path) -> None:
    """A failed node leaves out what is below it, decides the code, and can be sent again."""
    journal = tmp_path / "pair.db"

    said = journey("run", pair(tmp_path))

    assert said.code == TASKS_FAILED
    assert re.search(r"^failed      elk +imagine +imagine task \S+ failed: ", said.out, re.MULTILINE)
    assert re.search(r"^skipped     tile +upscale-1x +a node above it failed \(elk\)$", said.out, re.MULTILINE)
    assert "2 nodes: 1 failed, 1 skipped\n0 credits spent, 4 given back\n" in said.out
    assert f"send a failed node again: journey settle {journal} elk --resubmit\n" in said.out

    status = journey("status", journal, "--json")
    assert status.code == TASKS_FAILED
    assert [told["event"] for told in status.objects] == ["failed", "skipped", "outcome"]
    assert status.objects[0]["error"]["type"] == "TaskFailedError"
    assert status.objects[-1]["exit_code"] == TASKS_FAILED

    assert journey("settle", journal, "elk", "--resubmit").code == 0
    resumed = journey("resume", journal, "--json")
    assert (resumed.code, resumed.objects[-1]["complete"]) == (0, True)


@pytest.mark.journey_sandbox(faults=["lost-reply:imagine:1"])
def test_a_node_in_doubt_is_settled(journey: Typed, journey_sandbox: Sandbox, tmp_path: Path) -> None:
    """What may have been bought is told with what to type; the task that turned up is adopted."""
    journal = tmp_path / "pair.db"

    said = journey("run", pair(tmp_path))

    assert said.code == IN_DOUBT
    assert re.search(r"^in doubt    elk +imagine", said.out, re.MULTILINE)
    assert "2 nodes: 1 in doubt, 1 waiting\n0 credits spent, 4 in doubt\n" in said.out
    assert f"  journey settle {journal} elk --adopt TASK | --resubmit | --abandon\n" in said.out
    status = journey("status", journal)
    assert status.code == IN_DOUBT
    assert f"  journey settle {journal} elk --adopt TASK | --resubmit | --abandon\n" in status.out

    (charge,) = journey_sandbox.ledger()["charges"]
    for wrong, code in (
        (("elk",), MISUSED),
        (("elk", "--resubmit", "--abandon"), MISUSED),
        (("nobody", "--abandon"), REFUSED),
        (("tile", "--abandon"), REFUSED),
        (("elk", "--adopt", "nosuch"), REFUSED),
        (("elk", "--adopt", ""), REFUSED),
    ):
        refused = journey("settle", journal, *wrong)
        assert (refused.code, refused.out, len(refused.err.splitlines())) == (code, "", 1)

    settled = journey("settle", journal, "elk", "--adopt", charge["task_id"])
    assert settled.out == f"node elk is settled; it takes effect with: journey resume {journal}\n"
    assert journey("resume", journal).code == 0
    assert journey_sandbox.ledger()["charged"] == 6


def test_an_abandoned_node_leaves_out_what_is_below(journey: Typed, journey_sandbox: Sandbox, tmp_path: Path) -> None:
    """A node that is given up is not sent again."""
    journey_sandbox.set_faults(["lost-reply:imagine:1"])
    journal = tmp_path / "pair.db"
    assert journey("run", pair(tmp_path)).code == IN_DOUBT

    assert journey("settle", journal, "elk", "--abandon").code == 0

    assert "tile" in journey("resume", journal).out
    assert journey_sandbox.ledger()["accepted"] == 1


def test_the_budget_and_the_balance(journey: Typed, journey_sandbox: Sandbox, tmp_path: Path) -> None:
    """A run that cannot be paid does not begin."""
    file = pair(tmp_path)

    poor = journey("run", file, "--budget", 5)

    assert poor.code == NO_CREDITS
    assert poor.out == ""
    assert poor.err.startswith("journey: the budget is 5 credits, and what is left to send costs 6")
    assert journey_sandbox.ledger()["accepted"] == 0
    assert journey("run", file, "--in-flight", 0).code == REFUSED


@pytest.mark.journey_sandbox(credits=5)
def test_too_few_credits(journey: Typed, tmp_path: Path) -> None:
    """The account is asked before anything is sent."""
    said = journey("run", pair(tmp_path))

    assert said.code == NO_CREDITS
    assert "the account has 5 credits" in said.err


def test_a_journal_that_is_none(journey: Typed, tmp_path: Path) -> None:
    """What is no journal, or is not there, is one line."""
    other = tmp_path / "other.db"
    other.write_text("no journal")
    for words in (
        ("status", other),
        ("status", tmp_path / "nowhere.db"),
        ("resume", tmp_path / "nowhere.db"),
        ("settle", tmp_path / "nowhere.db", "elk", "--abandon"),
        ("run", pair(tmp_path), "--journal", other),
    ):
        said = journey(*words)
        assert (said.code, said.out, len(said.err.splitlines())) == (REFUSED, "", 1)
        assert said.err.startswith("journey: journal ")


def test_files_that_cannot_be_saved(journey: Typed, tmp_path: Path) -> None:
    """The run is done and told in full; the code says that files are missing."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "elk").touch()

    said = journey("run", pair(tmp_path), "--download", out, "--name", "{key}/{n}.{ext}", "--json")

    assert said.code == TASKS_FAILED
    assert [told["node"] for told in events(said.out, "not saved")] == ["elk"]
    assert [told["node"] for told in events(said.out, "saved")] == ["tile"]
    assert events(said.out, "outcome")[0]["complete"] is True


@pytest.mark.journey_sandbox(faults=["lost-reply:imagine"])
def test_many_nodes_in_doubt_are_not_all_written_out(journey: Typed, journey_sandbox: Sandbox, tmp_path: Path) -> None:
    """Of many nodes in doubt the first three are told with what to type."""
    graph = TaskGraph()
    for number in range(5):
        graph.imagine(f"elk {number}")
    graph.dump(tmp_path / "elks.toml")

    said = journey("run", tmp_path / "elks.toml")

    assert said.code == IN_DOUBT
    assert said.out.count("--adopt TASK") == 3
    assert f"and 2 more are in doubt: journey status {tmp_path}/elks.db\n" in said.out


@pytest.mark.journey_sandbox(credits=8, task_seconds=1.0)
def test_a_run_that_pauses(journey: Typed, journey_sandbox: Sandbox, tmp_path: Path) -> None:
    """Where somebody else spends the credits meanwhile the run pauses, and says how to go on."""
    journal = tmp_path / "pair.db"

    def spend() -> None:
        deadline = time.monotonic() + PATIENCE
        while not journey_sandbox.ledger()["accepted"] and time.monotonic() < deadline:
            time.sleep(0.01)
        headers = {"Authorization": journey_sandbox.api_key, "Content-Type": "application/json"}
        for prompt in ("one", "two"):
            body = json.dumps({"prompt": prompt}).encode()
            with urlopen(Request(f"{journey_sandbox.base_url}/shorten", body, headers), timeout=PATIENCE):  # noqa: S310 - the sandbox's own
                pass

    spender = threading.Thread(target=spend, daemon=True)
    spender.start()
    said = journey("run", pair(tmp_path))
    spender.join(PATIENCE)

    assert said.code == NO_CREDITS
    assert "\npaused      nothing more is submitted: " in said.out
    assert "2 nodes: 1 finished, 1 waiting\n4 credits spent\npaused: " in said.out
    assert said.out.endswith(f"go on with the rest: journey resume {journal}\n")
    assert journey("resume", journal).code == NO_CREDITS
