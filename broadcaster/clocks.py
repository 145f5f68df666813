"""The two clocks: what time people have, and how long something has taken."""

import time
from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the wall clock, aware, in UTC. It may be set."""
    return datetime.now(UTC)


def boot_clock() -> float:
    """Return seconds since the machine started, counting sleep, so a lease ends while a laptop's lid is closed."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
