"""`make drill`: a simulated week with kills and faults, then mirror and portal compared row by row.

    python -m tests.drill [--seed N] [--hours 168] [--minutes 6] [--kills 210] [--rows 3000] [--sqlite]

The same seed replays the same life and the same schedule of faults and kills. What a kill interrupts depends on the
machine: kill moments are by the wall clock.
"""

import argparse
import os
import random
import sys
import tempfile
from pathlib import Path

import django

from tests.drill.database import database


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make drill", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--hours", type=float, default=168.0, help="simulated (default: a week)")
    parser.add_argument("--minutes", type=float, default=6.0, help="that they take, settling aside")
    parser.add_argument("--kills", type=int, default=210)
    parser.add_argument("--rows", type=int, default=3000, help="that the portal has at the beginning")
    parser.add_argument("--sqlite", action="store_true", help="also where a PostgreSQL server answers")
    parser.add_argument("--log", type=Path, help="where the product's processes write what they say")
    return parser.parse_args()


if __name__ == "__main__":  # the processes that are forked read this file as well
    asked = options()
    print(f"seed {asked.seed}", flush=True)  # noqa: T201
    with tempfile.TemporaryDirectory(prefix="callguard-drill-") as folder:
        names = f"callguard_drill_{os.getpid()}", f"callguard_drill_{os.getpid()}_clean"
        ours, clean = (database(name, Path(folder), on_sqlite=asked.sqlite) for name in names)
        os.environ |= {"DATABASE_URL": ours.url, "DRILL_CLEAN_URL": clean.url}
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.drill.settings"
        # what is killed leaves semaphores behind, which is said at the end
        os.environ["PYTHONWARNINGS"] = "ignore::UserWarning:multiprocessing.resource_tracker"
        django.setup()
        from tests.drill.drill import run

        log = asked.log or Path(folder) / "drill.log"
        how = {"hours": asked.hours, "minutes": asked.minutes, "kills": asked.kills, "rows": asked.rows}
        figures = run(asked.seed, **how, ours=ours, clean=clean, log=log)
    sys.exit(0 if figures.is_clean else 1)
