"""Kills a process that indexes at random instants and checks what is left: `python -m tests.e2e.kill --kills 1000`.

The process changes files, flushes segments and merges them, and tells each change once the engine has said that it is
done. After each kill, and again once a new engine has caught up, the profile must hold all that was acknowledged, give
no stale answer, and have no half-written file. `--jobs` runs several at once, each with a profile of its own.
With `--one-process`, files are read and segments built in threads of the killed process rather than in processes of
their own: a kill strikes those steps more often, and more kills fit into an hour.
"""

import argparse
import multiprocessing
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

# The rest is imported below: worker processes import this module again and need none of it.


def main() -> None:
    """Command line."""
    from tests.e2e.torture import Outcome, torture

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=1, help="profiles that are worked on at once")
    parser.add_argument("--one-process", action="store_true", help="no worker processes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="where each job keeps its first profile that is not as it must be")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        homes = [Path(home) / str(job) for job in range(options.jobs)]
        kills = [(options.kills + job) // options.jobs for job in range(options.jobs)]
        seeds = range(options.seed, options.seed + options.jobs)
        with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as pool:
            same = ([options.one_process] * options.jobs, [options.keep] * options.jobs)
            outcome = sum(pool.map(torture, homes, kills, seeds, *same), Outcome())
    print(*outcome.violations, outcome, sep="\n")
    sys.exit(bool(outcome.violations))


if __name__ == "__main__":
    main()
