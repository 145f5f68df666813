"""What any connection of the sandbox can do besides answering: end, hang, wait, and act when it is long gone."""

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

LONGEST_HOLD_S = 120.0
LOOK_S = 0.25


class Connection:
    """Half of a `Wire`; to be mixed into a handler of the standard library's socket servers."""

    connection: Any
    server: Any
    close_connection: bool

    def drop(self) -> None:
        """Close the connection without a word."""
        self.close_connection = True
        shut(self.connection)

    def hold(self) -> None:
        """Say nothing until the caller or the sandbox closes, or two minutes have passed."""
        until = time.monotonic() + LONGEST_HOLD_S
        while time.monotonic() < until and not self.caller_left():
            if self.server.closing.wait(LOOK_S):
                break
        self.drop()

    def pause(self, seconds: float) -> None:
        """Wait, unless the sandbox closes."""
        self.server.closing.wait(seconds)

    def later(self, seconds: float, call: Callable[[], object]) -> None:
        """Make the call later from a thread of its own, unless the sandbox is closed or reset before."""
        state, closing, generation = self.server.state, self.server.closing, self.server.state.generation

        def wait_and_call() -> None:
            if not closing.wait(seconds) and state.generation == generation:
                call()

        threading.Thread(target=wait_and_call, daemon=True).start()

    def caller_left(self) -> bool:
        """Tell whether the other side has closed."""
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self.connection, selectors.EVENT_READ)
                return bool(selector.select(0)) and self.connection.recv(1, socket.MSG_PEEK) == b""
        except (OSError, ValueError):
            return True


def shut(connection: socket.socket) -> None:
    """Close both directions, whoever was quicker."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
