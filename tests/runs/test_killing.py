"""A run that is killed by SIGKILL again and again while the service goes wrong: benchmarks/kill.py in short."""

from __future__ import annotations

import sys

import anyio
import pytest

from tests.cli.processes import ROOT, environment


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
async def test_nothing_is_lost_or_paid_twice() -> None:
    """Every node is accounted for, and the journal agrees with the service's books."""
    command = [sys.executable, str(ROOT / "benchmarks" / "kill.py"), "--kills", "8", "--nodes", "40", "--seed", "1"]
    done = await anyio.run_process(command, check=False, env=environment(), cwd=ROOT)
    said = done.stdout.decode()
    assert done.returncode == 0, said + done.stderr.decode()
    # It is a matter of time whether the run ends by itself before the last one.
    assert int(said.split()[0]) >= 4, said
    assert "nothing was charged twice, nothing was lost" in said
