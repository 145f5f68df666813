"""Many runs on one ground, in this process."""

import logging
from functools import cache

import structlog

from simulation.city import City, Result
from simulation.database import Ground
from simulation.schedule import schedule_of


@cache
def ground() -> Ground:
    """Return the ground of this process, made once."""
    return Ground()


def quietly() -> None:
    """Let the engine's own log say nothing: a run has a trace of its own."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def run_seeds(first: int, last: int) -> list[Result]:
    """Run every seed from `first` to before `last`; only a lone one keeps its whole trace."""
    results = [City(ground(), schedule_of(seed)).run() for seed in range(first, last)]
    if len(results) > 1:
        for result in results:
            result.trace.clear()
    return results
