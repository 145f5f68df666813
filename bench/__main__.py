"""`python -m bench`: run what is asked for, print the table, and write the figures as JSON with `--json FILE`."""

import argparse
import json
import os
import platform
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

from bench import cells
from bench.cells import Plan
from bench.table import Line, markdown, plain

CELLS: dict[str, Callable[[Path, Plan], Iterator[Line]]] = {
    "fan-out": cells.fan_out,
    "hanging": cells.hanging,
    "surge": cells.surge,
    "idle": cells.idleness,
}


def main() -> None:
    """Measure and print."""
    asked = _asked()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that nothing it started outlives it
    plan = Plan(
        runs={0.0: asked.runs, 0.05: max(asked.runs // 2, 1), 0.3: max(asked.runs // 4, 1)},
        deliveries=asked.deliveries,
        idle_s=asked.idle,
        idle_copies=asked.idle_copies,
        surge_runs=max(asked.runs // 2, 1),
    )
    lines: list[Line] = []
    loads = [os.getloadavg()[0]]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for name in asked.cells:
            for line in CELLS[name](Path(folder) / name, plan):
                print(f"{line.cell}: {line.what}: {line.ratio:.2f} x {line.beside}", file=sys.stderr, flush=True)
                lines.append(line)
                loads.append(os.getloadavg()[0])
    print(markdown(lines))
    # A busy machine makes both wait for the same things, and so makes every ratio look better than it is.
    print(f"Load of the machine meanwhile: {min(loads):.1f} to {max(loads):.1f} on {os.cpu_count()} processors.")
    if asked.json:
        asked.json.write_text(
            json.dumps({"with": _versions(), "load": loads, "lines": plain(lines)}, indent=1) + "\n", "utf-8"
        )


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=main.__doc__)
    parser.add_argument("cells", nargs="*", choices=list(CELLS), default=list(CELLS), help="what to measure")
    parser.add_argument("--runs", type=int, default=40, help="messages each way at 0 ms; half at 50, a quarter at 300")
    parser.add_argument("--deliveries", type=int, nargs="+", choices=(2, 6, 20), default=[2, 6, 20])
    parser.add_argument("--idle", type=float, default=20, help="seconds without a message; 600 for what is published")
    parser.add_argument("--idle-copies", type=int, default=4, help="services that stand idle at once")
    parser.add_argument("--json", type=Path, help="also write every figure here")
    return parser.parse_args()


def _versions() -> dict[str, str]:
    packages = ("flask", "gunicorn", "httpx", "httpcore", "sqlalchemy")
    found = {name: version(name) for name in packages}
    return {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version, **found}


if __name__ == "__main__":
    main()
