"""What came of many runs: one line, and every violation with its seed."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from simulation.city import Result

_NAMED = ("lost", "doubled", "stale", "unexpected")


@dataclass
class Report:
    """Results added up. `unknown` are deliveries that never found their end."""

    runs: int = 0
    accepted: int = 0
    confirmed: int = 0
    unknown: int = 0
    recovered: int = 0
    broken: dict[str, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)

    def add(self, results: Iterable[Result]) -> None:
        """Count more results."""
        for result in results:
            self.runs += 1
            self.accepted += result.count.accepted
            self.confirmed += result.count.confirmed
            self.unknown += result.count.unknown
            self.recovered += result.deaths
            for one in result.violations:
                self.broken[one.promise] = self.broken.get(one.promise, 0) + 1
                self.violations.append(f"seed {result.seed}: {one}")

    def line(self, seed: str) -> str:
        """Return the one line."""
        named = " ".join(f"{name} {self.broken.get(name, 0)}" for name in _NAMED)
        others = [f", {name}: {many}" for name, many in sorted(self.broken.items())
                  if name not in (*_NAMED, "nothing is stuck")]  # fmt: skip
        stuck = self.broken.get("nothing is stuck", 0)
        return (f"accepted {self.accepted} confirmed {self.confirmed} unknown {self.unknown} {named} stuck {stuck} "
                f"recovered {self.recovered} seed {seed}{''.join(others)}")  # fmt: skip
