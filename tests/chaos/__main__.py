"""`python -m tests.chaos [--seed N] [--minutes M] [--loop asyncio|uvloop]`."""

from __future__ import annotations

import argparse
import logging
import sys
import time

import anyio

from tests.chaos.campaign import campaign, report


def tell(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


async def main(given: argparse.Namespace) -> int:
    began = time.monotonic()
    found = await campaign(given.seed, given.minutes, uvloop=given.loop == "uvloop", tell=tell, only=given.act)
    what = f"act {given.act}" if given.act else f"seed {given.seed}"
    tell(f"\n{what}, {given.loop}, {time.monotonic() - began:.0f} s\n{report(found)}")
    tell("nothing is wrong" if found.clean else "\n".join(["WRONG:", *found.wrong]))
    return 0 if found.clean else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--loop", choices=("asyncio", "uvloop"), default="asyncio")
    parser.add_argument("--act", help="repeat one act alone, such as 7.3")
    arguments = parser.parse_args()
    # What is in doubt, failed or repeated is logged: here it is the rule.
    logging.getLogger("journey_async").addHandler(logging.NullHandler())
    logging.getLogger("journey_async").propagate = False
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL)
    tell(f"seed {arguments.seed}: an act alone is repeated by --act NAME")
    sys.exit(anyio.run(main, arguments, backend_options={"use_uvloop": arguments.loop == "uvloop"}))
