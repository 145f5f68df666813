"""
A process that has read everything and forks a web or a worker in milliseconds. It kills whom it is told to.

It has one thread, no loop and no connection: what a fork inherits of those is locks that nobody will ever give back,
and a database connection that two processes write to.

    stdin    one JSON object a line: {"do": "fork" | "kill" | "stop" | "look", "who": "worker-1"} or {"do": "end"}
    stdout   one JSON object a line: {"pid": …, "killed": …, "died": [[who, pid, status], …]}
"""

import asyncio
import gc
import json
import logging
import os
import signal
import socket
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from service import HASHING, SECRETS
from werkzeug.serving import make_server

from broadcaster import app
from broadcaster import settings as settings_module
from broadcaster.playbook import Playbooks
from broadcaster.ring import Listener
from broadcaster.settings import Settings
from broadcaster.supervisor import PARENT, stop_with_parent
from broadcaster.worker import Worker

#: Set in the environment, the web answers one request after another.
ONE_THREAD = "KILLS_ONE_THREAD"


@dataclass
class Forks:
    """The living children by name: `web-1`, `worker-1` and so on."""

    settings: Settings
    playbooks: Playbooks
    listening: socket.socket
    output: int
    living: dict[str, int] = field(default_factory=dict)
    #: who ended without being told to, with process id and wait status; nobody ever should
    died: list[tuple[str, int, int]] = field(default_factory=list)

    def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """Do what is asked; return who lives under that name now, who was killed, and who died by itself."""
        self._look()
        who, killed = order["who"], None
        if order["do"] in ("kill", "stop") and who in self.living:
            killed = self.living.pop(who)
            os.kill(killed, signal.SIGKILL if order["do"] == "kill" else signal.SIGTERM)
            os.waitpid(killed, 0)
        if order["do"] in ("kill", "fork"):
            self.living[who] = self._fork(who)
        died, self.died = self.died, []
        return {"pid": self.living.get(who), "killed": killed, "died": died}

    def end(self) -> None:
        """End every child at once."""
        for pid in self.living.values():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def _look(self) -> None:
        for who, pid in list(self.living.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self.died.append((who, pid, status))
                self.living[who] = self._fork(who)

    def _fork(self, who: str) -> int:
        assert len(os.listdir("/proc/self/task")) == 1, "a process with threads must not be forked"
        pid = os.fork()
        if pid == 0:
            self._live(who)
        return pid

    def _live(self, who: str) -> NoReturn:
        """Be that child; never return into what the parent was doing."""
        code = 1
        try:
            nothing = os.open(os.devnull, os.O_RDONLY)
            for number, stream in ((nothing, 0), (self.output, 1), (self.output, 2)):
                os.dup2(number, stream)
            stop_with_parent()
            app.set_up_log()
            logging.getLogger("werkzeug").setLevel(logging.WARNING)
            (self._web if who.startswith("web") else self._work)()
            code = 0
        except BaseException:  # noqa: BLE001 - whatever it was must be read in the log, and the process must end
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)

    def _web(self) -> None:
        parts = app.build(self.settings, playbooks=self.playbooks)
        web = app.web(parts, os.environ["BROADCASTER_SECRET_KEY"], hashing=HASHING)
        host, port = self.listening.getsockname()
        # One thread for all requests where calls are counted: tracing counts them for each thread by itself.
        threaded = ONE_THREAD not in os.environ
        make_server(host, port, web, threaded=threaded, fd=self.listening.fileno()).serve_forever()

    def _work(self) -> None:
        parts = app.build(self.settings, playbooks=self.playbooks)
        # No drill is sent here, so nobody has to start imitations of its own for one.
        asyncio.run(_run(app.worker(parts, "http://127.0.0.1:9", SECRETS)))


async def _run(worker: Worker) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
    listener = Listener(worker.store, worker.ring)
    try:
        await worker.run()
    finally:
        listener.close()


def main() -> None:
    """Read everything, say so, and obey until told to end or until nobody is there to tell."""
    settings = settings_module.load()
    name, zone = settings.organisation.name, settings.organisation.timezone
    playbooks = Playbooks.load(settings.playbook_folder, organisation=name, timezone=zone)
    output = os.open(Path(settings.folder) / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.environ[PARENT] = str(os.getpid())
    with socket.create_server(("127.0.0.1", int(os.environ["PORT"])), backlog=256) as listening:
        forks = Forks(settings, playbooks, listening, output)
        gc.freeze()  # what was read is never changed, so that no child copies it
        _say({"pid": os.getpid()})
        try:
            for line in sys.stdin:
                order = json.loads(line)
                if order["do"] == "end":
                    return
                _say(forks.obey(order))
        finally:
            forks.end()


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
