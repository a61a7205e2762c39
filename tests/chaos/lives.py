"""Runs with a journal that live and die: killed, terminated, left, on a full disk; each is ended at last."""

from __future__ import annotations

import json
import signal
import sys
from contextlib import suppress
from subprocess import PIPE
from typing import TYPE_CHECKING, Any, Final

import anyio

from benchmarks.kill import accounted_for, asked_by
from journey_async import (
    Adopt,
    ApiError,
    JournalBusyError,
    JournalError,
    NodeSubmitted,
    NoReplyError,
    Outcome,
    Resubmit,
    TaskFailedError,
    TaskNotFoundError,
    read_journal,
)
from tests.chaos.clients import UNRESOLVABLE, client
from tests.chaos.graphs import drawn
from tests.cli.processes import ROOT, environment

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from journey_async import Row
    from tests.chaos.act import Act

NODES: Final = 12
LIVES: Final = 40
PATIENCE: Final = 30.0
"""Seconds: a process on a busy machine may take long to begin."""
ENDED: Final = frozenset({"finished", "failed", "skipped"})
SIGNALS: Final = ("sigkill", "sigterm", "sigterm-graceful")


class LifeStory:
    """One run of one journal, life after life."""

    def __init__(self, act: Act, name: str) -> None:
        self.act = act
        self.name = name
        self.journal: Path = act.folder / name / "run.db"
        self.journal.parent.mkdir(mode=0o755)
        self.chance: Random = act.chance(name)

    async def go(self, deaths: tuple[str, ...]) -> None:
        """Die so often, in these ways, then live until everything has its end."""
        for how in deaths:
            await self._die(how)
            await self._settle()
        for _ in range(LIVES):
            outcome = await self._left(6.0)
            await self._settle()
            if outcome is not None and await self._is_over(outcome):
                self._check(await read_journal(self.journal))
                return
        self.act.findings.found("hung", f"{self.name} did not come to its end in {LIVES} lives")

    async def _die(self, how: str) -> None:
        if how == "read-only" and not self.journal.exists():
            how = "full-disk"
        self.act.findings.injected[f"client: {how}"] += 1
        match how:
            case "left":
                await self._left(self.chance.uniform(0.0, 1.0))
            case "dns-failure":
                async with client(UNRESOLVABLE, self.act.box.api_key) as journey:
                    try:
                        await journey.run(drawn(self.name, NODES), journal=self.journal)
                    except NoReplyError as error:
                        self.act.account.note_error(error)
            case "read-only":
                await self._read_only()
            case _:
                await self._process(how)

    async def _left(self, seconds: float) -> Outcome | None:
        """Run in this process and leave after some time; None if there is no outcome."""
        with anyio.move_on_after(seconds):
            try:
                async with self.act.client() as journey:
                    return await journey.run(drawn(self.name, NODES), journal=self.journal)
            except (NoReplyError, ApiError) as error:
                # The account could not be asked.
                self.act.account.note_error(error)
                await anyio.sleep(0.05)
        return None

    async def _process(self, how: str, *more: str) -> dict[str, Any]:
        """Run in a process of its own and let it die."""
        options = ["--nodes", str(NODES), *(["--uvloop"] if self.act.uvloop else []), *more]
        if how == "sigterm-graceful":
            options.append("--graceful")
        if how == "full-disk":
            options += ["--largest-file", str(self.chance.randrange(0, 120_000))]
        command = [sys.executable, "-m", "tests.chaos.child", self.act.base_url, self.act.box.api_key]
        command += [str(self.journal), self.name, *options]
        process = await anyio.open_process(command, stdin=None, stdout=PIPE, stderr=PIPE, env=environment(), cwd=ROOT)
        said = bytearray()
        async with process:
            assert process.stdout is not None
            # One that dies, or does not begin, before it says a word is told below.
            with anyio.move_on_after(PATIENCE), suppress(anyio.EndOfStream):
                said += await process.stdout.receive()
            # On a full disk it may come to wait for a stuck task.
            with anyio.move_on_after(10.0 if how == "full-disk" else PATIENCE):
                if how.startswith("sig"):
                    await anyio.sleep(self.chance.uniform(0.0, 0.7))
                    if process.returncode is None:
                        process.send_signal(signal.SIGKILL if how == "sigkill" else signal.SIGTERM)
                async for data in process.stdout:
                    said += data
                await process.wait()
            if process.returncode is None:
                # Not a hang as such: a task may be stuck. Who only got a SIGTERM has to end, though.
                if how.startswith("sig"):
                    self.act.findings.found("hung", f"{self.name}: a process after {how}, having said {bytes(said)!r}")
                # It tells on stderr where it stands.
                process.send_signal(signal.SIGABRT)
            assert process.stderr is not None
            complaint = bytearray()
            async for data in process.stderr:
                complaint += data
        words = complaint.decode(errors="replace")
        if words and how.startswith("sig"):
            self.act.findings.found("wrong results", f"{self.name}: a process after {how} complained: {words}")
        last = said.decode().strip().splitlines()[-1] if said else "begins"
        told: dict[str, Any] = json.loads(last) if last.startswith("{") else {"said": last, "complained": words}
        self.act.findings.counts[f"process: {how}: {told.get('ended', 'no word')}"] += 1
        return told

    async def _read_only(self) -> None:
        """A journal that cannot be written: told, and nothing is bought."""
        bought = self._bought()
        self.journal.chmod(0o444)
        self.journal.parent.chmod(0o555)
        told = await self._process("read-only", "--unprivileged")
        self.journal.parent.chmod(0o755)
        self.journal.chmod(0o644)
        if told.get("ended") != "JournalError":
            self.act.findings.found("wrong results", f"{self.name}: a read-only journal ended in {told}")
        if self._bought() != bought:
            self.act.findings.found("wrong results", f"{self.name}: bought with a read-only journal")

    def _bought(self) -> int:
        return sum(prompt.startswith(f"{self.name} ") for _, prompt, _ in self.act.account.books.tasks)

    async def _settle(self) -> None:
        """Settle all that is in doubt, as somebody would who can look into the service's books."""
        await self.act.quiet()
        try:
            doubts = (await read_journal(self.journal)).in_doubt
        except JournalBusyError as error:
            self.act.findings.found("wrong results", f"{self.name}: nobody writes it: {error}")
            return
        except JournalError:
            # Killed before there was one.
            return
        async with self.act.client() as journey:
            for row in doubts:
                self.act.account.note_doubt(row.error)
                tasks = self.act.account.books.tasks.get(asked_by(row.error))
                try:
                    await journey.settle(self.journal, row.node.key, Adopt(tasks[0]) if tasks else Resubmit())
                except (TaskNotFoundError, NoReplyError, ApiError) as error:
                    self.act.account.note_error(error)

    async def _is_over(self, outcome: Outcome) -> bool:
        if all(row.state in ENDED for row in outcome):
            return True
        on_their_way = [row.task_id for row in outcome if isinstance(row, NodeSubmitted)]
        return bool(on_their_way) and all(self.act.account.stuck([task_id]) for task_id in on_their_way)

    def _check(self, outcome: Outcome) -> None:
        """Compare the rows with the books."""
        account, findings = self.act.account, self.act.findings
        known = {task for row in outcome if (task := getattr(row, "task_id", None))}
        account.known |= known
        for row in outcome.finished:
            account.check_result(row.task_id, row.result)
        for failed in outcome.failed:
            if isinstance(failed.error, TaskFailedError | TaskNotFoundError):
                account.note_error(failed.error)
        for each in outcome:
            if not (accounted_for(each) or isinstance(each, NodeSubmitted) or _is_below_stuck(outcome, each)):
                findings.found("wrong results", f"{self.name}: {each.node.key} is {each.state}")
        paid = sum(charge["credits"] for charge in account.box.ledger()["charges"] if charge["task_id"] in known)
        if outcome.spending.taken != paid:
            findings.found("wrong results", f"{self.name}: {outcome.spending}, the books say {paid}")
        findings.counts["nodes of runs"] += len(outcome)


def _is_below_stuck(outcome: Outcome, row: Row) -> bool:
    parent = row.node.parent
    if parent is None:
        return False
    above = outcome[parent.key]
    return isinstance(above, NodeSubmitted) or _is_below_stuck(outcome, above)


async def run(act: Act, name: str) -> None:
    """A run that is left some times, on a network without names once."""
    await LifeStory(act, name).go(("dns-failure", "left", "left"))


async def killed(act: Act, name: str) -> None:
    """A run in processes that die by signals."""
    chance = act.chance(f"{name}/deaths")
    await LifeStory(act, name).go(tuple(chance.choice(SIGNALS) for _ in range(2)))


async def on_bad_disks(act: Act, name: str) -> None:
    """A run in processes for which the disk is full, or the journal read-only."""
    await LifeStory(act, name).go(("full-disk", "read-only"))
