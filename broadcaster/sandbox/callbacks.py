"""Calls an imitation makes of its own accord: a form posted to whoever asked for it, again until it was taken.

Only addresses on loopback are called, whatever anybody asks for: an imitation reaches nobody outside this machine.
"""

import http.client
import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import unquote, urlencode, urlsplit

AGAIN_S = (10.0, 60.0, 600.0, 3600.0, 3 * 3600.0, 3 * 3600.0)
"""46elks goes on for at least six hours and at least five times; at which intervals is not documented."""
TAKEN = range(200, 205)
TIMEOUT_S = 10
LONGEST_ANSWER = 10_000


@dataclass(frozen=True, slots=True)
class Heard:
    """What the one who was called answered. `status` None: not called, or no answer; `why` says which."""

    status: int | None
    body: str = ""
    why: str | None = None

    def taken(self) -> bool:
        """Tell whether the call counts as received."""
        return self.status in TAKEN


class Callbacks:
    """Calls that are under way, each on a thread of its own. `wait` is how a call waits: event and seconds."""

    def __init__(self, wait: Callable[[threading.Event, float], bool] = threading.Event.wait) -> None:
        self._wait = wait
        self._over = threading.Event()

    def later(self, seconds: float, call: Callable[[], Heard]) -> None:
        """Make the call after so many seconds, and again until it is taken or six hours have passed."""
        over = self._over

        def insist() -> None:
            for pause in (seconds, *AGAIN_S):
                if self._wait(over, pause) or call().taken():
                    return

        threading.Thread(target=insist, name="callback", daemon=True).start()

    def end(self) -> None:
        """End every call that waits; those that come later are made."""
        self._over.set()
        self._over = threading.Event()


def is_loopback(url: str) -> bool:
    """Tell whether this is an http address of this very machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return parts.scheme == "http" and parts.port != 0 and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False


def post(url: str, form: Mapping[str, str]) -> Heard:
    """Post the form once, following nothing. Raises nothing."""
    if not is_loopback(url):
        return Heard(None, why="not called: an imitation calls only http addresses on loopback")
    parts = urlsplit(url)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if parts.username is not None:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {b64encode(login.encode()).decode()}"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=TIMEOUT_S)
    try:
        connection.request("POST", path, urlencode(form).encode(), headers)
        answer = connection.getresponse()
        return Heard(answer.status, answer.read(LONGEST_ANSWER).decode("utf-8", "replace"))
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Heard(None, why=type(error).__name__)
    finally:
        connection.close()
