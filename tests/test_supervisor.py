"""The parent of web and worker, with real processes: what dies comes back, what flaps is given up, nothing is left."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from broadcaster.supervisor import DEATHS_MAX, DELAYS_S, PARENT

SUPERVISE = """
import sys
from broadcaster.supervisor import Supervisor
sys.exit(Supervisor({name: [sys.executable, "-c", code] for name, code in zip(("web", "worker"), sys.argv[1:])}).run())
"""
STAYS = "import time; time.sleep(600)"
#: Appends the moment it began to a file, and dies.
DIES = "import sys, time; open({file!r}, 'a').write(f'{{time.monotonic()}}\\n'); sys.exit(3)"
LONGEST_S = 60.0


@contextmanager
def supervised(*children: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", SUPERVISE, *children]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=LONGEST_S)


def pids(process: subprocess.Popen[str], count: int) -> dict[str, int]:
    assert process.stdout is not None
    found: dict[str, int] = {}
    for _ in range(count):
        said = re.fullmatch(r"pid (\w+) ([0-9]+)\n", process.stdout.readline())
        assert said is not None
        found[said[1]] = int(said[2])
    return found


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pid: int) -> bool:
    ends = time.monotonic() + LONGEST_S
    while is_alive(pid) and time.monotonic() < ends:
        time.sleep(0.02)
    return not is_alive(pid)


def test_it_says_the_process_ids_and_a_child_that_is_killed_comes_back_alone() -> None:
    with supervised(STAYS, STAYS) as parent:
        first = pids(parent, 2)
        assert set(first) == {"web", "worker"}
        os.kill(first["worker"], signal.SIGKILL)
        again = pids(parent, 1)
        assert set(again) == {"worker"} and again["worker"] != first["worker"]
        assert is_alive(first["web"])


def test_on_sigterm_the_children_end_and_the_parent_says_that_all_is_well() -> None:
    with supervised(STAYS, STAYS) as parent:
        children = pids(parent, 2)
        parent.send_signal(signal.SIGTERM)
        assert parent.wait(LONGEST_S) == 0
        assert all(gone(pid) for pid in children.values())


def test_the_children_stay_in_the_parents_group_and_know_whose_they_are() -> None:
    told = f"import os, time; print(os.environ[{PARENT!r}], os.getpgrp(), flush=True); time.sleep(600)"
    with supervised(told) as parent:
        assert parent.stdout is not None
        lines = [parent.stdout.readline().split(), parent.stdout.readline().split()]
        said = next(line for line in lines if line[0] != "pid")
        assert said == [str(parent.pid), str(os.getpgid(parent.pid))]


def test_what_dies_again_and_again_is_started_at_growing_intervals_and_then_given_up(tmp_path: Path) -> None:
    """At once, after 1, 2 and 4 seconds; at the fifth death in a minute everything ends with a code that tells."""
    file = tmp_path / "starts"
    with supervised(DIES.format(file=str(file)), STAYS) as parent:
        other = pids(parent, 2)["worker"]
        out, err = parent.communicate(timeout=LONGEST_S)
        assert parent.returncode == 1
        assert gone(other), "nothing of it is left running"
    starts = [float(line) for line in file.read_text().split()]
    waits = [later - earlier for earlier, later in pairwise(starts)]
    assert len(starts) == DEATHS_MAX
    assert all(wait >= delay for wait, delay in zip(waits, DELAYS_S, strict=True)), waits
    assert "web died 5 times in a minute" in err
    assert err.count("web ended with 3") == DEATHS_MAX - 1
    assert out.count("pid web") == DEATHS_MAX - 1
