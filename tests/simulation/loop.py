"""An event loop that never waits: it runs until it has nothing more to do at this virtual instant, and says so."""

import asyncio
import selectors
from collections.abc import Callable, Mapping
from contextvars import Context
from typing import Any, TypeVarTuple

from simulation.time import INSTANT_S, Time

Values = TypeVarTuple("Values")


class Loop(asyncio.SelectorEventLoop):
    """A process's own loop on the virtual clock. `run_until_idle` returns when only time can bring more work."""

    def __init__(self, time: Time) -> None:
        self._virtual = time
        self._idle = _Idle(self)
        super().__init__(self._idle)

    def time(self) -> float:
        """Return virtual seconds."""
        return self._virtual.now

    def call_soon_threadsafe(
        self, callback: Callable[[*Values], object], *args: *Values, context: Context | None = None
    ) -> asyncio.Handle:
        """Do as `call_soon`: there is one thread, and nobody to be woken."""
        return self.call_soon(callback, *args, context=context)

    def run_until_idle(self) -> float | None:
        """Run all that is ready; return when the next timer is due, or None if there is none."""
        self._idle.timeout = None
        self.run_forever()
        return self._idle.until(self._virtual.now)

    def finish(self) -> None:
        """Cancel whatever is left and close, without a warning."""
        for task in asyncio.all_tasks(self):
            task.cancel()
        self.run_until_idle()
        self.close()


class _Idle(selectors.BaseSelector):
    """Reports nothing ever; where a real one would wait, it remembers for how long and ends the run."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._keys: dict[Any, selectors.SelectorKey] = {}
        self.timeout: float | None = None

    def until(self, now: float) -> float | None:
        """Return the moment to which it would have waited, or None: for ever."""
        return None if self.timeout is None else now + max(self.timeout, INSTANT_S)

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        key = self._keys[fileobj] = selectors.SelectorKey(fileobj, 0, events, data)
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys.pop(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self.register(fileobj, events, data)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout > 0:
            self.timeout = timeout
            self._loop.stop()
        return []

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._keys
