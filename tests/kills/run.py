"""One run by its seed: load, weather and kills together; then peace, everything finishes, and it is counted."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from running import PATIENCE_S
from sqlalchemy import func, select

from broadcaster.standing import OPEN
from broadcaster.tables import delivery as delivery_table
from broadcaster.tables import message as message_table
from kills.cluster import Cluster
from kills.load import Load
from kills.nursery import Nursery
from kills.stage import Stage
from kills.tally import Tally, count
from kills.weather import weather

WEATHER_S = 1.0
LOOK_S = 0.5
#: How long the quiet after a run may take before what is left counts as never finished.
FINISH_S = 240.0


@dataclass(frozen=True)
class Plan:
    """How much of what. `pause_s` is the mean time between two kills, `pace_s` between two acts of one client."""

    seed: int
    kills: int = 100
    webs: int = 1
    workers: int = 4
    clients: int = 3
    pace_s: float = 0.35
    pause_s: float = 0.02
    #: of all kills, so many are a worker's
    of_workers: float = 0.8
    #: how often PostgreSQL itself is killed meanwhile, and the mean time between two such kills
    database_kills: int = 0
    database_pause_s: float = 2.0


def run(
    stage: Stage, plan: Plan, cluster: Cluster | None = None, progress: Callable[[int], None] = lambda _: None
) -> Tally:
    """Kill `plan.kills` processes under load on `stage`, let everything finish, and return the count.

    `cluster` is the PostgreSQL to kill as well. `progress` is told about once a second how many kills there were.
    """
    chance = Random(plan.seed)
    load = Load(stage, plan.seed, plan.clients, plan.pace_s)
    with Nursery(stage, plan.webs, plan.workers) as nursery:
        load.start()
        try:
            wait_for_messages(stage, 1)
            storm = Storm(stage, plan, chance, nursery, load)
            storm.blow(cluster, progress)
            storm.thaw()
        finally:
            load.stop()
            stage.script({})
        finish(stage, load)
        nursery.look()
        tally = count(stage.store, stage.shown(), load.told, plan.seed, nursery.kills)
        tally.database_kills = storm.database_kills
    tally.recovered += load.replayed
    for who, pid, status in nursery.died:
        tally.fault("unexpected", f"{who} (process {pid}) ended by itself with {status}")
    for refused in load.refused:
        tally.fault("unexpected", f"a client was refused: {refused}")
    return tally


def finish(stage: Stage, load: Load) -> None:
    """Wait until no machine has anything more to do. What a person was given, that person asks to be tried again.

    Deliveries that three workers died holding are such: with kills every fraction of a second there are many, and the
    duty communicator who reads the alarm presses "try again" for each.
    """
    ends, asked = time.monotonic() + FINISH_S, 0
    with load.connect() as http:
        while time.monotonic() < ends:
            for message_id, channel, language in _handed(stage):
                asked += 1
                path = f"/messages/{message_id}/deliveries/{channel}/{language}/retry"
                load.ask(http, path, {}, f"retry-{load.seed}-{asked}")
            if not unfinished(stage):
                return
            time.sleep(LOOK_S)


def unfinished(stage: Stage, *, now: bool = False) -> int:
    """Return how many deliveries a machine still has to do something for; with `now`, before the public has them."""
    unsaid = delivery_table.c.state.in_([str(state) for state in OPEN])
    busy = unsaid if now else unsaid | delivery_table.c.next_attempt_at.is_not(None)
    with stage.store.reading() as transaction:
        found = transaction.execute(select(func.count()).select_from(delivery_table).where(busy))
        return int(found.scalar_one())


def wait_for_messages(stage: Stage, wanted: int) -> None:
    """Return when so many messages are accepted; fail if that takes far too long."""
    ends = time.monotonic() + PATIENCE_S
    while True:
        with stage.store.reading() as transaction:
            found = transaction.execute(select(func.count()).select_from(message_table)).scalar_one()
        if found >= wanted:
            return
        assert time.monotonic() < ends, f"only {found} messages after {PATIENCE_S} s"
        time.sleep(0.02)


@dataclass
class Storm:
    """Kills and bad weather on a stage under load."""

    stage: Stage
    plan: Plan
    chance: Random
    nursery: Nursery
    load: Load
    database_kills: int = 0
    frozen: str | None = None

    @property
    def kills(self) -> int:
        """How many processes were killed so far, PostgreSQL's counted once each time."""
        return self.nursery.kills + self.database_kills

    def blow(self, cluster: Cluster | None, progress: Callable[[int], None]) -> None:
        """Go on until everything that the plan wants dead was killed so often."""
        changes_at = 0.0
        database_at = time.monotonic() + self._pause(self.plan.database_pause_s)
        while self.nursery.kills < self.plan.kills or self.database_kills < self.plan.database_kills:
            if time.monotonic() >= changes_at:
                self._change()
                changes_at = time.monotonic() + WEATHER_S
                progress(self.kills)
            time.sleep(self._pause(self.plan.pause_s))
            if cluster and self.database_kills < self.plan.database_kills and time.monotonic() >= database_at:
                cluster.kill(self.chance)
                self.database_kills += 1
                database_at = time.monotonic() + self._pause(self.plan.database_pause_s)
            if self.nursery.kills < self.plan.kills:
                worker = self.chance.random() < self.plan.of_workers
                self.nursery.kill(self.chance.choice(self.nursery.workers if worker else self.nursery.webs))

    def _change(self) -> None:
        """Let other things go wrong than before, and freeze a worker beyond its lease, or let a frozen one go on."""
        self.stage.script(weather(self.chance))
        self.load.check()
        if self.frozen is None:
            self.frozen = self.chance.choice(self.nursery.workers)
            self.nursery.freeze(self.frozen)
        elif self.chance.random() < 0.5:
            self.thaw()

    def thaw(self) -> None:
        """Let the frozen worker go on: it comes back in the middle of what it did, and its lease is over."""
        if self.frozen is not None:
            self.nursery.thaw(self.frozen)
            self.frozen = None

    def _pause(self, mean_s: float) -> float:
        return self.chance.expovariate(1 / mean_s)


def _handed(stage: Stage) -> list[tuple[str, str, str]]:
    person = (delivery_table.c.state == "needs_person") & (delivery_table.c.way != "person")
    columns = select(delivery_table.c.message_id, delivery_table.c.channel, delivery_table.c.language).where(person)
    with stage.store.reading() as transaction:
        return [(row.message_id, row.channel, row.language) for row in transaction.execute(columns)]
