"""The fork server seen from outside: who lives, kill that one, and a new one is there before the next line is read."""

import json
import os
import signal
import subprocess
import sys
from typing import Any, Self

from kills.forks import ONE_THREAD
from kills.stage import Stage


class Nursery:
    """Webs and workers of a stage. `died` lists who ended without being told to."""

    def __init__(self, stage: Stage, webs: int, workers: int, *, one_thread: bool = False) -> None:
        self.webs = [f"web-{number + 1}" for number in range(webs)]
        self.workers = [f"worker-{number + 1}" for number in range(workers)]
        self.kills = 0
        self.died: list[tuple[str, int, int]] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kills.forks"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=stage.environ | ({ONE_THREAD: "1"} if one_thread else {}),
            cwd=stage.folder,
            text=True,
        )

    def __enter__(self) -> Self:
        self._read()
        for who in (*self.webs, *self.workers):
            self._order("fork", who)
        return self

    def __exit__(self, *_: object) -> None:
        """End everybody. What the children left undone stays undone, as after any other death."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write('{"do": "end"}\n')
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()

    def kill(self, who: str) -> None:
        """`kill -9` that one; return when another lives in its place."""
        self.kills += self._order("kill", who)["killed"] is not None

    def stop(self, who: str) -> None:
        """Ask that one to end in order, and start no other."""
        self._order("stop", who)

    def freeze(self, who: str) -> None:
        """Stop that one where it is, as a suspended machine would."""
        os.kill(self.pid(who), signal.SIGSTOP)

    def thaw(self, who: str) -> None:
        """Let that one, or who lives in its place by now, go on."""
        os.kill(self.pid(who), signal.SIGCONT)

    def look(self) -> None:
        """Note who died by itself since the last order."""
        self._order("look", self.webs[0])

    def pid(self, who: str) -> int:
        """Return the process id of that one now."""
        return int(self._order("look", who)["pid"])

    def _order(self, do: str, who: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, "who": who}) + "\n")
        self._process.stdin.flush()
        answer = self._read()
        self.died += [(name, pid, status) for name, pid, status in answer["died"]]
        return answer

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the fork server ended with {self._process.wait(60)}"
        answer: dict[str, Any] = json.loads(line)
        return answer
