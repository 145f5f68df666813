"""The wall clock has a zone; the other one only goes forward, asleep or not."""

import time
from datetime import timedelta

from broadcaster.clocks import boot_clock, utc_now


def test_a_moment_says_its_zone() -> None:
    assert utc_now().utcoffset() == timedelta(0)


def test_the_clock_of_leases_counts_at_least_what_the_processor_was_awake() -> None:
    before, awake = boot_clock(), time.monotonic()
    after = boot_clock()
    assert before <= after
    assert after >= awake - 1
