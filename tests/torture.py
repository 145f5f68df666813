"""
The long run: simulation, kills and PostgreSQL's own deaths side by side, for as long as it is given.

    PYTHONPATH=.:tests python -m torture --minutes 15 [--seeds 100000] [--record]

Goes on where the recorded runs left off (`docs/torture.json`), or at `--seeds`. With `--record` what was run is added
there and to the table in `docs/torture.md`: what was run, nothing else. Ends with 0 when every promise was kept, 1 when
one was broken, 3 when something that should have been run was not.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
RECORD = ROOT / "docs" / "torture.json"
TABLE = ROOT / "docs" / "torture.md"
REPORT = ROOT / "build" / "reports" / "torture.json"
#: Shares of the time for kills with SQLite, with PostgreSQL, and of PostgreSQL itself; the simulation has all of it.
SHARES = {"sqlite": 0.4, "postgresql": 0.3, "postgres-kills": 0.3}
KINDS = ("simulation", *SHARES)
COUNTS = ("accepted", "confirmed", "unknown", "lost", "doubled", "stale", "unexpected", "recovered")
#: What a lane may take beyond its time: it finishes what it has begun.
LATE_S = 600
_BEGIN, _END = "<!-- runs -->", "<!-- end of runs -->"


@dataclass(frozen=True)
class Ran:
    """What one lane did: its kind, the seeds it ran, how many schedules or kills those were, and the count."""

    kind: str
    first: int
    next: int
    number: int
    counts: Mapping[str, int]
    code: int

    @property
    def line(self) -> str:
        """Return the one line of this lane."""
        counted = " ".join(f"{name} {self.counts.get(name, 0)}" for name in COUNTS)
        return f"{self.kind}: {self.number} of seeds {self.first} to {self.next - 1}: {counted}"


def main() -> int:
    """Run every lane, print the total, and return how it ended."""
    parser = argparse.ArgumentParser(prog="torture", description="Try very hard to break it, for so many minutes.")
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seeds", help="A or A:B: first seed of every lane, end of the simulation")
    parser.add_argument("--record", action="store_true", help="add what was run to docs/")
    asked = parser.parse_args()
    runs = load()
    begin, _, end = (asked.seeds or "").partition(":")
    first = {kind: int(begin) if begin else next_seed(runs, kind) for kind in KINDS}
    ran = go(asked.minutes * 60, first, int(end) if end else 10**9)
    for one in ran:
        say(one.line)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps([row_of(one) for one in ran], indent=1) + "\n", "utf-8")
    if asked.record:
        record([*runs, *(row_of(one) for one in ran)])
    return verdict(ran)


def go(seconds: float, first: Mapping[str, int], end: int) -> list[Ran]:
    """Run the simulation in one process and the kills one after the other in another; return what each did."""
    done: list[Ran] = []
    lanes = [
        threading.Thread(target=lambda: done.append(simulate(first["simulation"], end, seconds))),
        threading.Thread(
            target=lambda: done.extend(kill(kind, first[kind], seconds * SHARES[kind]) for kind in SHARES)
        ),
    ]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    return sorted(done, key=lambda one: KINDS.index(one.kind))


def simulate(first: int, end: int, seconds: float) -> Ran:
    """Run simulated schedules from seed `first` on, at most to before `end`."""
    asked = ["simulation", "--seeds", f"{first}:{end}", "--seconds", f"{seconds:.0f}"]
    code, told = _lane("simulation", asked, seconds)
    number = int(told.get("runs", 0))
    broken = {name: sum(f": {name} at" in str(one) for one in told.get("violations", [])) for name in COUNTS}
    counts = {name: told.get(name, broken[name]) for name in COUNTS}
    return Ran("simulation", first, first + number, number, counts, code)


def kill(kind: str, first: int, seconds: float) -> Ran:
    """Kill real processes from seed `first` on."""
    database = "sqlite" if kind == "sqlite" else "postgresql"
    asked = ["kills", "--database", database, "--seed", str(first), "--seconds", f"{seconds:.0f}"]
    code, told = _lane(kind, [*asked, *(["--postgres-kills"] if kind == "postgres-kills" else [])], seconds)
    total, runs = told.get("total", {}), told.get("runs", [])
    number = total.get("database_kills" if kind == "postgres-kills" else "kills", 0)
    return Ran(kind, first, first + len(runs), int(number), total, code)


def verdict(ran: list[Ran]) -> int:
    """Return 0 when everything was run and kept, 1 when a promise was broken, 3 when a lane ran nothing."""
    if any(one.code not in (0, 3) for one in ran):
        return 1
    return 3 if len(ran) < len(KINDS) or any(one.number == 0 for one in ran) else 0


def load() -> list[dict[str, Any]]:
    """Return every recorded run."""
    found: list[dict[str, Any]] = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else []
    return found


def next_seed(runs: list[dict[str, Any]], kind: str) -> int:
    """Return the first seed of `kind` that no recorded run has used."""
    return max(
        (run["next"] for run in runs if run["kind"] == kind), default=1_000_000 if kind == "simulation" else 1_000
    )


def row_of(one: Ran) -> dict[str, Any]:
    """Return a run as it is recorded."""
    counts = {name: one.counts.get(name, 0) for name in COUNTS}
    day = datetime.now(UTC).date().isoformat()
    return {"kind": one.kind, "day": day, "first": one.first, "next": one.next, "number": one.number, **counts}


def record(runs: list[dict[str, Any]]) -> None:
    """Write the runs, and the table of them in the document."""
    RECORD.write_text("[\n" + ",\n".join(json.dumps(run) for run in runs) + "\n]\n", "utf-8")
    text = TABLE.read_text("utf-8")
    before, after = text.partition(_BEGIN)[0], text.partition(_END)[2]
    TABLE.write_text(f"{before}{_BEGIN}\n{table(runs)}\n{_END}{after}", "utf-8")


def table(runs: list[dict[str, Any]]) -> str:
    """Return the runs of each kind added up, and each of them, as Markdown."""
    head = "| what | seeds | number | accepted | unknown | lost | doubled | stale | unexpected | recovered |"
    lines = [head, "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"]
    for kind in KINDS:
        mine = [run for run in runs if run["kind"] == kind]
        if mine:
            total = {name: sum(run[name] for run in mine) for name in ("number", *COUNTS)}
            seeds = ", ".join(f"{run['first']}–{run['next'] - 1}" for run in mine)
            numbers = ("number", "accepted", "unknown", "lost", "doubled", "stale", "unexpected", "recovered")
            lines.append(f"| {kind} | {seeds} | " + " | ".join(f"{total[name]:,}" for name in numbers) + " |")
    return "\n".join(lines)


def say(line: str) -> None:
    """Print one line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _lane(name: str, asked: list[str], seconds: float) -> tuple[int, dict[str, Any]]:
    """Run a module to its end, passing on what it says; return its exit code and its report."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        process = subprocess.Popen(
            [sys.executable, "-m", *asked, "--json", str(report)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        watch = threading.Timer(seconds + LATE_S, process.kill)
        watch.start()
        began = time.monotonic()
        assert process.stdout is not None
        for line in process.stdout:
            say(f"[{time.monotonic() - began:5.0f} s] {name}: {line.rstrip()}")
        code = process.wait()
        watch.cancel()
        told = json.loads(report.read_text("utf-8")) if report.exists() else {}
    return code, told


if __name__ == "__main__":
    sys.exit(main())
