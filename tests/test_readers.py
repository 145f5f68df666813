"""However many read the public pages at once, the database is asked once at a time, and nobody gets old news."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from broadcaster.readers import Readers

CROWD = 20


class Source:
    """Something slow to read: a reading waits until it may go on, and returns how many there have been."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.begun = threading.Event()
        self.readings = 0
        self.at_once = 0

    def read(self) -> int:
        self.at_once += 1
        assert self.at_once == 1
        self.readings += 1
        number = self.readings
        self.begun.set()
        self.go_on.wait()
        self.at_once -= 1
        return number


def test_a_crowd_shares_readings_and_none_gets_what_was_read_before_it_asked() -> None:
    """The one who came first has the first reading; all who came while it ran have a later one."""
    source = Source()
    readers = Readers(source.read)
    with ThreadPoolExecutor(CROWD + 1) as crowd:
        first = crowd.submit(readers.all)
        assert source.begun.wait(60)
        asked = threading.Barrier(CROWD + 1)

        def ask() -> int:
            asked.wait()
            return readers.all()

        others = [crowd.submit(ask) for _ in range(CROWD)]
        asked.wait()
        source.go_on.set()
        assert first.result() == 1
        assert all(one.result() >= 2 for one in others)
    assert readers.all() == source.readings


def test_who_asks_after_a_reading_has_ended_gets_a_new_one() -> None:
    """Nothing is kept for later: a message that was just recalled is gone from the very next page."""
    source = Source()
    source.go_on.set()
    readers = Readers(source.read)
    assert [readers.all() for _ in range(3)] == [1, 2, 3]


def test_a_reading_that_fails_fails_for_its_asker_and_the_next_one_reads_again() -> None:
    answers = iter([None, "words"])

    def read() -> str:
        found = next(answers)
        if found is None:
            raise ZeroDivisionError("the database does not answer")
        return found

    readers = Readers(read)
    with pytest.raises(ZeroDivisionError):
        readers.all()
    assert readers.all() == "words"
    assert readers.alone(lambda: "one incident") == "one incident"
