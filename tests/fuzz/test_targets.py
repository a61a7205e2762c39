"""Whatever others write is read as a value or refused with an error of ours, and what was found stays repaired."""

from __future__ import annotations

import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.__main__ import NAMES, SLOW
from tests.fuzz.samples import SAMPLES
from tests.fuzz.targets import TARGETS

ROOT: Final = Path(__file__).parents[2]
CORPUS: Final = Path(__file__).with_name("corpus")
FINDINGS: Final = sorted(file for file in CORPUS.glob("*/*") if file.is_file())
EXAMPLES: Final = {"command": 25, "journal_file": 60}
"""Those that are slow; of the others there are as many as the profile says."""
OUTCOMES: Final = {
    "submission": {"Finished", "Failed", "Unfinished", "UnreadableReplyError", "RateLimitError"},
    "fetch": {"Finished", "Failed", "Unfinished", "UnreadableReplyError", "ServerError"},
    "fetch_many": {"dict", "UnreadableReplyError"},
    "account": {"Account", "UnreadableReplyError", "AuthenticationError"},
    "refusal": {"BadRequestError", "InsufficientCreditsError", "RateLimitError", "ServerError", "ApiError"},
    "webhook": {"Delivery", "200", "400", "401", "405"},
    "graph_toml": {"TaskGraph", "GraphFileError"},
    "graph_json": {"TaskGraph", "GraphFileError"},
    "rows_csv": {"Nodes", "GraphFileError"},
    "rows_jsonl": {"Nodes", "GraphFileError"},
    "button": {"NextAction", "token", "InvalidRequestError"},
    "follow_up": {"arguments", "InvalidRequestError", "nothing"},
    "record": {"NodeDrawn", "RunBegan", "Intended", "Accepted", "Settled", "DamageError"},
    "history": {"RunState"},
    "journal_file": {"records", "JournalError"},
    "command": {"0", "2", "3"},
}


@pytest.mark.parametrize("name", TARGETS)
def test_the_samples_reach_values_and_errors(name: str) -> None:
    """Else what is made of them would only ever knock at the door."""
    assert {TARGETS[name](data) for data in SAMPLES[name]} >= OUTCOMES[name]


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_give_a_value_or_an_error_of_ours(name: str) -> None:
    target = TARGETS[name]

    @settings(
        max_examples=EXAMPLES.get(name, settings().max_examples),
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
    )
    @given(altered(name))
    def holds(data: bytes) -> None:
        began = time.process_time()
        target(data)
        assert time.process_time() - began < SLOW

    holds()


@st.composite
def altered(draw: st.DrawFn, name: str) -> bytes:
    """Make any bytes, or change a few pieces of a sample: cut out, doubled, or replaced."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=200))
    data = draw(st.sampled_from(SAMPLES[name]))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 16)))
        other = draw(st.sampled_from(SAMPLES[name]))
        at = draw(st.integers(0, len(other)))
        pieces = st.just(data[start:end] * 2) | st.just(other[at : at + 16]) | st.binary(max_size=4)
        data = data[:start] + draw(pieces) + data[end:]
    return data


@pytest.mark.parametrize("file", FINDINGS, ids=[f"{file.parent.name}/{file.name}" for file in FINDINGS])
def test_what_was_found_stays_repaired(file: Path) -> None:
    TARGETS[file.parent.name](file.read_bytes())


def test_every_target_has_samples_and_can_be_named() -> None:
    assert tuple(TARGETS) == NAMES
    assert SAMPLES.keys() == TARGETS.keys() == OUTCOMES.keys()
    assert {file.parent.name for file in FINDINGS} <= TARGETS.keys()


@pytest.mark.skipif(find_spec("atheris") is not None, reason="it would fuzz")
def test_without_atheris_one_line_says_so() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--seconds", "1"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("atheris is not installed: pip install atheris")
    assert len(ended.stderr.splitlines()) == 1
