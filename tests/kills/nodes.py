"""Real `broadcaster web` and `broadcaster work` processes, each as if on a machine of its own, on one PostgreSQL."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Self

import httpx
from running import eventually, free_port
from sqlalchemy import text

from kills.stage import Stage


class Node:
    """One machine's process with everything it started. What it says is in `<name>.txt`."""

    def __init__(self, stage: Stage, name: str, command: str) -> None:
        self.name, self._stage, self._command = name, stage, command
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.start()

    @property
    def said(self) -> Path:
        """Where its output is."""
        return self._stage.folder / f"{self.name}.txt"

    def start(self) -> None:
        """Start it, or start it again after it was killed."""
        with self.said.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "broadcaster", self._command],
                env={**self._stage.environ, "PORT": str(self.port)},
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._stage.folder,
                start_new_session=True,  # so that all of it can be killed at once, as when a machine loses power
            )

    def kill(self) -> None:
        """`kill -9` every process of the node."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def answers(self) -> bool:
        """Tell whether a web node can take a message."""
        assert self.process.poll() is None, self.said.read_text("utf-8", "replace")[-2000:]
        try:
            return httpx.get(f"{self.base}/readyz", trust_env=False, timeout=10).status_code == 200
        except httpx.HTTPError:
            return False


class Nodes:
    """So many web and worker nodes of a stage, all up."""

    def __init__(self, stage: Stage, webs: int, workers: int) -> None:
        self._stage = stage
        self.webs = [Node(stage, f"web-{number + 1}", "web") for number in range(webs)]
        self.workers = [Node(stage, f"worker-{number + 1}", "work") for number in range(workers)]
        stage.bases = [one.base for one in self.webs]

    def __enter__(self) -> Self:
        self.wait()
        return self

    def __exit__(self, *_: object) -> None:
        for one in (*self.webs, *self.workers):
            one.kill()

    def wait(self) -> None:
        """Return when every web can take a message and every worker listens."""
        for one in self.webs:
            eventually(f"{one.name} to be ready", one.answers)
        eventually("every worker to listen", lambda: self._listening() == len(self.workers))

    def named(self, name: str) -> Node:
        """Return one node."""
        return next(one for one in (*self.webs, *self.workers) if one.name == name)

    def _listening(self) -> int:
        for one in self.workers:
            assert one.process.poll() is None, one.said.read_text("utf-8", "replace")[-2000:]
        listening = text(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN %' AND datname = current_database()"
        )
        with self._stage.store.reading() as transaction:
            return int(transaction.execute(listening).scalar_one())
