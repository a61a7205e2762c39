"""Does a task cost the same in a large run as in a small one?

The CPU of a run's node, from 100 nodes to the most, as `runs.py` measures it in virtual time without the world's own.
How the cost of following grows with the tasks in flight is a row of `watching.py`.

    python benchmarks/growth.py [--quick | --full]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.paired import interval
from benchmarks.rows import Row, Size, report
from benchmarks.runs import as_run, measured

if TYPE_CHECKING:
    from collections.abc import Mapping

FEW: Final = 100
MANY: Final[Mapping[Size, int]] = {"quick": 200, "usual": 2000, "full": 10_000}
ROUNDS: Final[Mapping[Size, int]] = {"quick": 2, "usual": 3, "full": 5}


def cost(nodes: int) -> float:
    """Give the CPU of one node."""
    return measured(nodes, lambda workings, graph: as_run(workings, graph, None)).cpu / nodes


def measure(size: Size) -> list[Row]:
    """Measure few and many in turns; few often enough to take as long."""
    cost(FEW)
    ratios: list[float] = []
    for _ in range(ROUNDS[size]):
        before = [cost(FEW) for _ in range(5)]
        many = cost(MANY[size])
        few = before + [cost(FEW) for _ in range(5)]
        ratios.append(many / (sum(few) / len(few)))
    return [
        Row(
            headline=f"growth: CPU of a run's node, {MANY[size]:,} / {FEW} nodes",
            limit="1",
            goal=1.15,
            measured=interval(ratios),
        )
    ]


if __name__ == "__main__":
    report(__doc__, measure)
