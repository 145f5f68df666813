"""
Many readers, one reading: a surge of visitors asks the database once at a time, however many they are.

On SQLite a reading that lasts keeps a committing writer waiting, and the waiting writer keeps every other reader out.
Two hundred readers at once, each with a reading of its own, were seen to keep a message from being accepted at all.
"""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
U = TypeVar("U")


class Readers(Generic[T]):
    """Everybody who asks while a reading runs shares the next one. No answer is older than its question."""

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._turn = threading.Lock()
        self._begun = 0
        self._kept: tuple[int, T] | None = None

    def all(self) -> T:
        """Return what `read` returns, from a reading that began after this was asked. Raises what it raises."""
        asked = self._begun  # a reading with a higher number has begun, or will begin, after this moment
        with self._turn:
            if self._kept is not None and self._kept[0] > asked:
                return self._kept[1]
            self._begun += 1
            found = self._read()
            self._kept = self._begun, found
            return found

    def alone(self, read: Callable[[], U]) -> U:
        """Return what another reading returns, one at a time with all the rest."""
        with self._turn:
            return read()
