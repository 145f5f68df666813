"""Run a range of seeds, or every combination there is; say how it goes, and end with one line."""

import argparse
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from simulation.batch import ground, quietly, run_seeds
from simulation.enumeration import every, flows
from simulation.report import Report
from simulation.schedule import schedule_of

CLEAN, VIOLATIONS, WRONG_USAGE, NOTHING_RAN = 0, 1, 2, 3
CHUNK = 25


def main() -> int:
    """Return 0 when every promise held, 1 when one was broken, 2 for wrong usage, 3 when nothing ran."""
    asked = _asked()
    quietly()
    report = Report()
    if asked.exhaustive:
        return _end(report, asked, _all_flows(report, asked.processes))
    first, last = asked.seeds
    if asked.trace:
        for seed in range(first, last):
            (result,) = run_seeds(seed, seed + 1)
            _say("\n".join([str(schedule_of(seed)), *result.trace]))
            report.add([result])
        return _end(report, asked, f"{first}:{last}")
    return _end(report, asked, _seeds(report, first, last, asked.seconds, asked.processes))


def _seeds(report: Report, first: int, last: int, seconds: float | None, processes: int) -> str:
    """Run chunk after chunk until all are done or the time is over; return the range that ran."""
    began, next_seed, told = time.monotonic(), first, 0
    with ProcessPoolExecutor(processes, initializer=quietly) as pool:
        while next_seed < last:
            left = None if seconds is None else seconds - (time.monotonic() - began)
            if left is not None and left <= 0:
                break
            starts = [next_seed + CHUNK * number for number in range(processes)]
            chunks = [(start, min(start + CHUNK, last)) for start in starts if start < last]
            for results in pool.map(run_seeds, *zip(*chunks, strict=True)):
                report.add(results)
            next_seed = chunks[-1][1]
            for one in report.violations[told:]:
                _say(one)
            told = len(report.violations)
            time_left = "" if left is None else f", {max(left, 0):.0f} s left"
            sys.stderr.write(f"{report.runs} schedules, next seed {next_seed}{time_left}\n")
    if next_seed < last:
        _say(f"the time is over; go on with --seeds {next_seed}:{last}")
    return f"{first}:{next_seed}"


def _all_flows(report: Report, processes: int) -> str:
    with ProcessPoolExecutor(processes, initializer=quietly) as pool:
        for flow, runs, part in pool.map(enumerate_flow, flows()):
            for one in part.violations:
                _say(one)
            _say(f"{flow}: {runs} runs")
            report.runs += part.runs
            report.accepted += part.accepted
            report.confirmed += part.confirmed
            report.unknown += part.unknown
            report.recovered += part.recovered
            report.violations += part.violations
            for name, many in part.broken.items():
                report.broken[name] = report.broken.get(name, 0) + many
    return f"every one of {report.runs}"


def enumerate_flow(flow: str) -> tuple[str, int, Report]:
    """Run every combination of one flow; return its name, how many there were, and what came of them."""
    part = Report()
    for once, result in every(ground(), flow):
        before = len(part.violations)
        part.add([result])
        part.violations[before:] = [f"{flow}, {once}: {one}" for one in part.violations[before:]]
    return flow, part.runs, part


def _end(report: Report, asked: argparse.Namespace, ran: str) -> int:
    if asked.trace:
        for one in report.violations:
            _say(one)
    _say(report.line(ran))
    if asked.json:
        asked.json.write_text(json.dumps({**vars(report), "ran": ran}, ensure_ascii=False, indent=1), "utf-8")
    if not report.runs:
        return NOTHING_RAN
    return VIOLATIONS if report.violations else CLEAN


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _range(text: str) -> tuple[int, int]:
    first, parted, last = text.partition(":")
    found = int(first), int(last) if parted else int(first) + 1
    if not 0 <= found[0] < found[1]:
        raise ValueError(text)
    return found


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulation", description=__doc__)
    parser.add_argument("--seeds", type=_range, default=(0, 1000), help="first:after-last, or one seed")
    parser.add_argument("--seconds", type=float, help="stop after so long and say where to go on")
    parser.add_argument("--processes", type=int, default=1, choices=range(1, 65), metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--trace", action="store_true", help="tell all that happened, one seed after the other")
    parser.add_argument("--exhaustive", action="store_true", help="every crash point with every answer, of every flow")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
