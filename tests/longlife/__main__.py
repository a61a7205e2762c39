"""Live through a day of a service and print what is left in its client: python -m tests.longlife [CALLS AN HOUR]."""

from __future__ import annotations

import sys

from tests.longlife.day import a_day

for number, hour in enumerate(a_day(tasks=int(sys.argv[1]) if sys.argv[1:] else 60), 1):
    left = {name: size for name, size in hour.tables.items() if size}
    done = f"{hour.accepted} tasks, {hour.requests} requests, {hour.waited:.1f} s on average"
    sys.stdout.write(f"hour {number}: {done}, left: {left}\n")
