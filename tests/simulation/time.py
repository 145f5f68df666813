"""
One virtual clock for everybody, and a list of what happens when.

Three clocks are told apart: true seconds (nobody but the simulation knows them), the clock of the machine since it
started (which counts sleep, so it is the true one), and the wall clock, which may be set while all this runs.
"""

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

#: 14 March 2026, 02.40 in Karlstad.
BEGINNING = datetime(2026, 3, 14, 1, 40, tzinfo=UTC)
#: A step of time so small that nothing is decided by it, and large enough that a float can hold it.
INSTANT_S = 1e-6


class Time:
    """True seconds since the beginning, and what is due. Nothing goes on but through `next_due`."""

    def __init__(self) -> None:
        self.now = 0.0
        self.wall_offset_s = 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = count()

    def at(self, when: float, act: Callable[[], None]) -> None:
        """Do `act` at true second `when`, after what was put down for the same second before."""
        heapq.heappush(self._due, (max(when, self.now), next(self._count), act))

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        """Do `act` in so many seconds."""
        self.at(self.now + seconds, act)

    @property
    def next_due(self) -> float | None:
        """Return when the next thing happens, or None if nothing is put down."""
        return self._due[0][0] if self._due else None

    def run_due(self) -> None:
        """Do everything that is due by now, in its order."""
        while self._due and self._due[0][0] <= self.now:
            heapq.heappop(self._due)[2]()

    def wall(self) -> datetime:
        """Return what the wall clock of the database's machine says."""
        return BEGINNING + timedelta(seconds=self.now + self.wall_offset_s)

    def boot(self) -> float:
        """Return seconds since the machine started, sleep counted."""
        return 1000.0 + self.now

    def true_of(self, wall: datetime) -> float:
        """Return the true second at which the wall clock, as it goes now, will show `wall`."""
        return (wall - BEGINNING).total_seconds() - self.wall_offset_s
