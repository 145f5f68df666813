"""
The long run: seed after seed until the time is over, each with a fresh database.

    PYTHONPATH=.:tests python -m kills --database sqlite|postgresql --seconds N --seed S
                                       [--postgres-kills] [--json FILE]

Ends with 0 when every promise was kept, 1 when one was broken, 3 when nothing was run. It goes on where it left off
when it is given the seed that its last line names.
"""

import argparse
import contextlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kills.cluster import Cluster
from kills.run import Plan, run
from kills.stage import Stage
from kills.tally import Tally

#: Kills of one run, then a new seed and a new database. With PostgreSQL's own deaths it takes its time to recover.
KILLS = 250
KILLS_BESIDE_POSTGRESQL = 60
POSTGRESQL_KILLS = 25
PROGRESS_S = 15.0


@dataclass
class Torture:
    """Runs from `seed` on, until `seconds` are over."""

    database: str
    seconds: float
    seed: int
    postgres_kills: bool
    began: float = field(default_factory=time.monotonic)
    done: list[Tally] = field(default_factory=list)
    longest_s: float = 0.0
    say_at: float = 0.0

    def go(self) -> None:
        """Run seed after seed; the first runs whatever the time."""
        with contextlib.ExitStack() as stack:
            cluster = stack.enter_context(Cluster()) if self.database == "postgresql" else None
            while not self.done or self.left_s > self.longest_s:
                begun = time.monotonic()
                self.done.append(self._one(cluster, self.next_seed))
                self.longest_s = max(self.longest_s, time.monotonic() - begun)
                self._say(self.done[-1].line(), *self.done[-1].faults)

    @property
    def left_s(self) -> float:
        """Seconds until the time is over."""
        return self.began + self.seconds - time.monotonic()

    @property
    def next_seed(self) -> int:
        """The seed to go on with."""
        return self.seed + len(self.done)

    @property
    def total(self) -> Tally:
        """All runs as one."""
        names = [name for name in asdict(Tally(0)) if name not in ("seed", "faults")]
        sums = {name: sum(getattr(one, name) for one in self.done) for name in names}
        return Tally(self.seed, **sums, faults=[fault for one in self.done for fault in one.faults])

    def _one(self, cluster: Cluster | None, seed: int) -> Tally:
        with _folder() as folder:
            address = cluster.database(f"run_{seed}") if cluster else f"sqlite:///{folder / 'broadcaster.db'}"
            plan = Plan(seed, KILLS)
            if self.postgres_kills:
                plan = Plan(seed, KILLS_BESIDE_POSTGRESQL, database_kills=POSTGRESQL_KILLS, database_pause_s=0.8)
            with Stage(folder, address, seed) as stage:
                tally = run(stage, plan, cluster, lambda kills: self._progress(seed, kills))
            if not tally.clean:
                tally.faults.append(f"what it left lies in {_keep(folder)}")
            return tally

    def _progress(self, seed: int, kills: int) -> None:
        if time.monotonic() >= self.say_at:
            self.say_at = time.monotonic() + PROGRESS_S
            total = kills + sum(one.kills + one.database_kills for one in self.done)
            self._say(f"seed {seed}, {total} kills so far, {max(0.0, self.left_s):.0f} s left")

    @staticmethod
    def _say(*lines: str) -> None:
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="broadcaster-kills-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _keep(folder: Path) -> Path:
    """Copy what a broken run left to where nobody tidies it away."""
    kept = folder.with_name(f"{folder.name}-kept")
    shutil.copytree(folder, kept, ignore=lambda _, names: [name for name in names if name.startswith(".ring")])
    return kept


def main() -> int:
    """Run what the command line asks for and return how it ended."""
    parser = argparse.ArgumentParser(prog="kills", description="Kill processes under load, then count.")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres-kills", action="store_true", help="kill PostgreSQL itself as well")
    parser.add_argument("--json", type=Path, help="write the count of every seed to this file")
    asked = parser.parse_args()
    if asked.postgres_kills and asked.database != "postgresql":
        parser.error("--postgres-kills needs --database postgresql")
    torture = Torture(asked.database, asked.seconds, asked.seed, asked.postgres_kills)
    try:
        torture.go()
    finally:
        if asked.json:
            runs = [asdict(one) for one in torture.done]
            about = {"database": asked.database, "postgres_kills": asked.postgres_kills}
            found = {**about, "total": asdict(torture.total), "runs": runs}
            asked.json.write_text(json.dumps(found, indent=1), "utf-8")
    return _end(torture)


def _end(torture: Torture) -> int:
    total = torture.total
    sys.stdout.write(f"{total.line()}\n{len(torture.done)} runs; go on with --seed {torture.next_seed}\n")
    if total.kills + total.database_kills == 0:
        return 3
    return 0 if total.clean else 1


if __name__ == "__main__":
    sys.exit(main())
