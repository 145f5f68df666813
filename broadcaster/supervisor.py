"""
The parent of web and worker: says their process ids, starts again what dies, and gives up rather than flap for ever.
"""

import ctypes
import os
import platform
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from types import FrameType

import click

#: How the children know whose end is their end.
PARENT = "BROADCASTER_PARENT"
#: Seconds before a dead child is started again: the first time at once.
DELAYS_S = (0.0, 1.0, 2.0, 4.0)
DEATHS_MAX = 5
DEATHS_WITHIN_S = 60.0
#: Longer than gunicorn's own grace, so that requests and calls under way are finished and written down.
STOP_S = 40.0
LOOK_S = 0.1
PARENT_LOOK_S = 0.5
#: Linux: the signal a process gets when its parent ends (prctl(2)).
_PR_SET_PDEATHSIG = 1


class Supervisor:
    """Runs `commands` by name until told to stop, or until one dies five times in a minute.

    `without` names the environment each is started without, so that a secret is where it is used and nowhere else.
    """

    def __init__(
        self, commands: Mapping[str, Sequence[str]], *, without: Mapping[str, frozenset[str]] | None = None
    ) -> None:
        self._commands, self._without = commands, without or {}
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._deaths: dict[str, list[float]] = {name: [] for name in commands}
        self._due: dict[str, float] = {}
        self._stopping = False

    def run(self) -> int:
        """Run until SIGTERM or SIGINT (returns 0) or too many deaths (returns 1). Children never outlive it."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        for name in self._commands:
            self._start(name)
        code = 0
        while not self._stopping and code == 0:
            time.sleep(LOOK_S)
            code = self._look()
        self._end_children()
        return code

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _start(self, name: str) -> None:
        hidden = self._without.get(name, frozenset())
        environ = {key: value for key, value in os.environ.items() if key.removesuffix("_FILE") not in hidden}
        environ[PARENT] = str(os.getpid())
        self._children[name] = subprocess.Popen(self._commands[name], env=environ)
        click.echo(f"pid {name} {self._children[name].pid}")

    def _look(self) -> int:
        now = time.monotonic()
        for name, child in list(self._children.items()):
            if child.poll() is None:
                continue
            del self._children[name]
            recent = [at for at in self._deaths[name] if at > now - DEATHS_WITHIN_S]
            self._deaths[name] = [*recent, now]
            if len(self._deaths[name]) >= DEATHS_MAX:
                click.echo(f"{name} died {DEATHS_MAX} times in a minute; giving up (see its log above)", err=True)
                return 1
            delay = DELAYS_S[min(len(self._deaths[name]) - 1, len(DELAYS_S) - 1)]
            click.echo(f"{name} ended with {child.returncode}; starting it again in {delay:g} s", err=True)
            self._due[name] = now + delay
        for name in [name for name, at in self._due.items() if at <= now]:
            del self._due[name]
            self._start(name)
        return 0

    def _end_children(self) -> None:
        for child in self._children.values():
            if child.poll() is None:
                child.terminate()
        ends = time.monotonic() + STOP_S
        for child in self._children.values():
            try:
                child.wait(max(0.0, ends - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def stop_with_parent() -> None:
    """End with the process that started us under supervision, however it ended."""
    parent = os.environ.get(PARENT)
    if parent is None:
        return
    # A Ctrl-C reaches the whole process group at once. Our parent hears it too and ends us in order; gunicorn's
    # workers, told twice, were seen to wait for half a minute.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    if platform.system() == "Linux":
        # The kernel tells us; no thread, because gunicorn forks its workers from this process.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != int(parent):
            os.kill(os.getpid(), signal.SIGTERM)
        return
    threading.Thread(target=_look_for_parent, args=(int(parent),), name="parent", daemon=True).start()


def _look_for_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_LOOK_S)
    os.kill(os.getpid(), signal.SIGTERM)
