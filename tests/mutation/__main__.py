"""`python -m tests.mutation [--sample N] [--seed N] [NAME ...]`: are the tests of the core strict? Break it, and see.

cosmic-ray makes the mutants. No file is changed: each mutant lives in processes of its own, one for every file of tests
that can see it, and is gone with the first test that fails. Needs `pip install cosmic-ray`, and a system that can fork.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import os
import random
import sys
from collections import Counter
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tests.mutation.judging import FILE_SECONDS, IMPORT, fails, killer, pytest_on
from tests.mutation.mutants import all_mutants
from tests.mutation.seen_by import SEEN_BY

if TYPE_CHECKING:
    from tests.mutation.mutants import Mutant


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def interval(killed: int, of: int) -> tuple[float, float]:
    """Between which rates the true one is, with a probability of 95 % (Wilson)."""
    z = 1.96
    rate, spread = killed / of, z * math.sqrt(killed * (of - killed) / of + z * z / 4) / of
    return (rate + z * z / (2 * of) - spread) / (1 + z * z / of), (rate + z * z / (2 * of) + spread) / (1 + z * z / of)


def _judged(mutant: Mutant) -> tuple[Mutant, str | None]:
    return mutant, killer(mutant)


def _fails_as_it_is(name: str) -> str | None:
    return name if fails(None, pytest_on(name)) else None


def main() -> None:
    parser = argparse.ArgumentParser(description="Break the core in one place after another: do its tests notice?")
    parser.add_argument("names", nargs="*", metavar="NAME", help="mutants to try, as an earlier run named them")
    parser.add_argument("--module", choices=SEEN_BY, action="append", help="draw from this module; may be repeated")
    parser.add_argument("--sample", type=int, default=300, help="how many mutants to draw (300); 0 takes all")
    parser.add_argument("--seed", type=int, default=1, help="of the draw (1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="mutants at the same time (one per processor)")
    given = parser.parse_args()
    if find_spec("cosmic_ray") is None:
        sys.exit("cosmic-ray is not installed: pip install cosmic-ray")

    mutants = list(all_mutants(given.module or {name.partition(":")[0] for name in given.names} or SEEN_BY))
    drawn = [mutant for mutant in mutants if mutant.name in given.names] or mutants
    if given.sample and not given.names:
        drawn = random.Random(given.seed).sample(mutants, min(given.sample, len(mutants)))
    files = sorted({name for mutant in drawn for name in SEEN_BY[mutant.module]})

    by: Counter[str | None] = Counter()
    with multiprocessing.get_context("fork").Pool(given.jobs) as pool:
        # Tests that fail on a core that nobody broke would kill every mutant.
        for name in filter(None, pool.imap_unordered(_fails_as_it_is, files)):
            sys.exit(f"tests/{name}.py fails as it is, or takes longer than {FILE_SECONDS} s")
        for number, (mutant, who) in enumerate(pool.imap_unordered(_judged, drawn), 1):
            by[who] += 1
            if number % 50 == 0:
                say(f"{number} of {len(drawn)}, {by[None]} survived")
            if who is None:
                say(f"survived: {mutant.name}, line {mutant.line}\n{mutant.diff}")
    killed = len(drawn) - by[None]
    low, high = interval(killed, len(drawn))
    say(
        f"{len(drawn)} of {len(mutants)} mutants (seed {given.seed}): {killed} killed, {by[IMPORT]} of them at the "
        f"import, {by[None]} survived: {killed / len(drawn):.1%}, between {low:.1%} and {high:.1%} (95 %)"
    )


if __name__ == "__main__":
    main()
