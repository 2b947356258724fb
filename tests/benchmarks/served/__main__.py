"""Measure the served API: ``python -m tests.benchmarks.served``."""

import argparse
import asyncio
import gc
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.served.community import StoredCase, store_community
from tests.benchmarks.served.hostile import time_hostile
from tests.benchmarks.served.load import hold_load
from tests.benchmarks.served.ratios import compare
from tests.benchmarks.served.servers import serving_api


def main() -> None:
    """Print what was asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=15, help="rounds of each question")
    asked.add_argument("--seconds", type=float, default=20.0, help="how long the load lasts")
    asked.add_argument("--rate", type=float, default=100.0, help="small queries a second")
    asked.add_argument("--no-hostile", dest="hostile", action="store_false")
    wanted = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stored = store_community(folder)
        if wanted.rounds:
            for line in compare(stored, folder, n_rounds=wanted.rounds):
                tell(line)
        if wanted.hostile:
            with serving_api(stored.url, folder) as server:
                for line in time_hostile(server, stored.token):
                    tell(line)
        if wanted.seconds:
            asyncio.run(tell_of_load(stored, folder, rate=wanted.rate, seconds=wanted.seconds))


async def tell_of_load(stored: StoredCase, folder: Path, *, rate: float, seconds: float) -> None:
    """Print how the server bears a load."""
    # What was loaded for the ratios would be walked while answers wait to be read.
    gc.freeze()
    with serving_api(stored.url, folder) as server:
        async for line in hold_load(server, stored, rate=rate, seconds=seconds):
            tell(line)


def tell(line: str) -> None:
    """Print a line as soon as it is known."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
