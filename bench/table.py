"""Figures as people read them: medians, the slow end, and ratios of medians."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Spread:
    """Times in milliseconds. Below a hundred runs the 99th percentile is the maximum."""

    runs: int
    median: float
    p90: float
    p99: float
    max: float

    def __str__(self) -> str:
        return f"{self.median:.1f} / {self.p90:.1f} / {self.max:.1f}"


@dataclass(frozen=True)
class Line:
    """One measured thing beside what it is compared with; `ratio` is of their medians."""

    cell: str
    what: str
    ours: Spread
    beside: str
    other: Spread

    @property
    def ratio(self) -> float:
        """How many times the other's median ours is."""
        return self.ours.median / self.other.median


def spread(seconds: Sequence[float]) -> Spread:
    """Return the spread of `seconds`, of which there is at least one."""
    times = sorted(1000 * one for one in seconds)
    return Spread(
        runs=len(times),
        median=statistics.median(times),
        p90=times[round(0.9 * (len(times) - 1))],
        p99=times[round(0.99 * (len(times) - 1))],
        max=times[-1],
    )


def markdown(lines: Sequence[Line]) -> str:
    """Return the lines as a table; times are median / 90th percentile / maximum in milliseconds."""
    head = "| | measured | ratio | ours, ms | beside it | ms | runs |\n|---|---|---|---|---|---|---|\n"
    return head + "".join(
        f"| {line.cell} | {line.what} | **{line.ratio:.2f}** | {line.ours} | {line.beside} | {line.other} "
        f"| {line.ours.runs} + {line.other.runs} |\n"
        for line in lines
    )


def plain(lines: Sequence[Line]) -> list[dict[str, object]]:
    """Return the lines as JSON values."""
    return [asdict(line) | {"ratio": round(line.ratio, 3)} for line in lines]
