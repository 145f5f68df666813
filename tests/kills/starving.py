"""
Disks that fail under running processes: no room beyond a size, or the n-th system call of a kind answers with an error.

Room is taken and given back through the processes' own limit of file size, which needs no rights and no tool. The n-th
call is counted by strace, which must be installed and allowed to trace; whoever asks for it is told if it is not.
"""

import contextlib
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

#: Calls a database makes, and what a disk may answer. Each is tried for its own n.
FAILURES = (
    ("fsync,fdatasync", "EIO"),
    ("pwrite64", "ENOSPC"),
    ("pwrite64", "EIO"),
    ("unlink", "EIO"),
    ("openat", "EIO"),
)


@contextlib.contextmanager
def no_room_beyond(size: int, pids: Sequence[int]) -> Iterator[None]:
    """Let no file of these processes grow beyond `size` bytes until the end."""
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids}
    for pid, (_, hard) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        for pid, limits in before.items():
            with contextlib.suppress(ProcessLookupError):  # it ended meanwhile; whether it may, others judge
                resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


@dataclass
class Nth:
    """In each thread of the processes the `nth` of `calls` fails once with `error`, as long as it lasts."""

    calls: str
    error: str
    nth: int
    log: Path
    journal: Path  #: the file whose opening is meant; processes open others all the time

    @contextlib.contextmanager
    def of(self, pids: Sequence[int]) -> Iterator[Self]:
        """Let it fail in these processes until the end. Raises `RuntimeError` when that cannot be done here."""
        strace = shutil.which("strace")
        if strace is None:
            raise RuntimeError("strace is not installed, so no n-th call can fail: apt-get install strace")
        inject = f"inject={self.calls}:error={self.error}:when={self.nth}"
        whom = [word for pid in pids for word in ("-p", str(pid))]
        if self.calls == "openat":
            whom += ["-P", str(self.journal)]
        command = [strace, "-f", "-o", str(self.log), "-e", f"trace={self.calls}", "-e", inject, *whom]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            try:
                _wait_until_attached(process, set(pids))
                yield self
            finally:
                process.send_signal(signal.SIGINT)  # it lets go of everybody and ends
                process.communicate(timeout=60)

    def failed(self) -> int:
        """Return how many calls were made to fail."""
        return self.log.read_text("utf-8", "replace").count("(INJECTED)")


def _wait_until_attached(process: "subprocess.Popen[str]", waiting: set[int]) -> None:
    assert process.stderr is not None
    while waiting:
        line = process.stderr.readline()
        if not line or "Operation not permitted" in line:
            raise RuntimeError(f"strace may not trace here: {line.strip() or 'it ended'}")
        waiting = {pid for pid in waiting if f"Process {pid} attached" not in line}
