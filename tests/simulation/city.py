"""
One run: the time, the processes, the channels and the people of a schedule, and the loop that moves them.

First comes trouble, for as long as the schedule says; then the world is healed, two fresh workers come, and whatever
is still owed must find its end. When nothing is owed any more, everything is reckoned up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from random import Random

from broadcaster.alarm import Bell
from broadcaster.broadcast import Broadcasts
from broadcaster.channels import Outcome, Post, Step
from broadcaster.clock_steps import Steps
from broadcaster.outbox import Claim, Outbox
from broadcaster.playbook import Snapshot
from broadcaster.settings import Settings
from broadcaster.worker import HEARTBEAT_S, Ways, Worker
from simulation.chance import Chance, Seeded
from simulation.channel import Imitated
from simulation.database import NOWHERE, Ground
from simulation.errands import Errands
from simulation.people import People
from simulation.process import Process
from simulation.promises import Promises, Violation
from simulation.reckoning import Count, Reckoning
from simulation.schedule import Schedule
from simulation.time import Time
from simulation.world import Content, Mailboxes, Page, Phone, Place

KINDS = {"facebook": "facebook", "1177_notice": "content_management", "1177_article": "content_management",
         "1177_phone": "phone_gateway", "intranet": "email"}  # fmt: skip
#: Virtual seconds after which what is still owed will never be paid.
HEALED_S = 12 * 3600.0
#: A worker's rounds that change nothing here (heartbeat, closing) come so much rarer, or they would be all there is.
ROUNDS_RARER = 30
HEALED_RARER = 4
ALARMS_HEALED_S = 400.0
#: How often a worker looks for what has waited too long; in production it is `sweep_s`, a second.
ALARMS_S = 45.0
WATCH_S = 30.0


@dataclass
class Result:
    """What came of one seed."""

    seed: int
    count: Count
    violations: list[Violation]
    deaths: int
    trace: list[str] = field(default_factory=list)
    refused: int = 0
    points: dict[str, int] = field(default_factory=dict)
    ended_s: float = 0.0


class City:
    """Everything of one run."""

    def __init__(self, ground: Ground, schedule: Schedule, chance: Chance | None = None) -> None:
        self.schedule, self.ground = schedule, ground
        self.time = Time()
        self.database = ground.database
        self.database.begin_again(self.time)
        self.settings: Settings = ground.settings(
            schedule.protocol, {"sweep_s": schedule.sweep_s, "not_after_minutes": schedule.not_after_minutes}
        )
        self.chance: Chance = chance or Seeded(schedule.seed, schedule.weather)
        self.luck_now = 0.5
        self.trace: list[str] = []
        self.points: dict[str, int] = {}
        self.promises = Promises(self.time, self.database, self._snapshot)
        self.places: dict[tuple[str, str], Place] = {
            (mode, key): self._place(mode, key) for mode in ("live", "drill") for key in KINDS
        }
        broadcasts = Broadcasts(self.database, ground.playbooks, self.settings)
        self.people = People(
            self.time, self.database, broadcasts, self.chance, self.promises, self.say, self.ring, schedule.watched
        )
        self.processes: list[Process] = []
        self.errands = Errands(self.schedule, self.people, self.promises, self.processes, self.say)
        self.deaths, self.healed, self.set_back_s = 0, False, 0.0
        self._names = self._calls = 0
        self._rung_for: str | None = None
        self._asked_at = -1
        self._quiet_since = 0.0
        self._open_since: dict[str, tuple[float, str]] = {}
        self._bell = Bell(self.settings.alarm, smtp_password=None, webhook_secret=None, board_url=f"{NOWHERE}/desk")

    def run(self) -> Result:
        """Live through the schedule and return what came of it."""
        try:
            self._begin()
            self._live(self.schedule.chaos_s)
            self._heal()
            self._live(self.schedule.chaos_s + HEALED_S)
            count = Reckoning(self.promises, self.places).reckon()
        finally:
            for process in self.processes:
                process.bury()
        return Result(
            self.schedule.seed,
            count,
            self.promises.violations,
            self.deaths,
            self.trace,
            self.people.refused,
            self.points,
            self.time.now,
        )

    def say(self, what: str) -> None:
        """Note what happened, for who reads the trace."""
        self.trace.append(f"{self.time.now:10.3f} {what}")

    def ring(self) -> None:
        """Ring every worker that can hear."""
        for process in self.processes:
            process.ring()

    # -- what processes tell ----------------------------------------------------------------------------------------

    def died(self, process: Process, point: str) -> None:
        self.points[point] = self.points.get(point, 0) + 1
        self.promises.dies(process.name)
        self.say(f"{process.name} {point}")
        if point != "stopped":
            self.deaths += 1
        if not self.healed:
            pause = Random(f"{self.schedule.seed}/born/{process.name}").uniform(0.5, 20)
            self.time.after(pause, self._someone_new)

    def slept(self, process: Process, seconds: float, clock_set_s: float) -> None:
        self.say(f"{process.name} sleeps {seconds:.1f} s{f', clock set {clock_set_s:.1f} s' if clock_set_s else ''}")
        self.time.wall_offset_s += clock_set_s
        self.set_back_s += max(-clock_set_s, 0.0)

    def answered(self, process: Process, name: str, began: float, result: object) -> None:
        given = result if isinstance(result, list | tuple) else [result]
        claims = [one for one in given if isinstance(one, Claim)]
        self.chance.heard(name, bool(claims))
        for claim in claims:
            self.promises.given(claim.attempt_id, began, claim.lease_s)
            self.say(f"{process.name} {name}: {claim.step} {claim.post.mark} {claim.channel} {claim.post.language}")

    def broke(self, process: Process, name: str, error: Exception) -> None:
        self.say(f"{process.name} {name}: {error!r}")
        self.promises.broken("the engine holds", f"{name} raised {type(error).__name__}: {str(error)[:200]}")

    def call_begins(self) -> None:
        """Set the wall clock in the midst of a call, where the schedule says so."""
        self._calls += 1
        for number, into_s, seconds in self.schedule.steps_in_calls:
            if number == self._calls:
                self.time.after(into_s, partial(self._clock_steps, seconds))

    # -- the run ----------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        plan = self.schedule
        for _ in range(plan.workers):
            self._someone_new()
        self.time.at(0.1, lambda: self.people.send("first", plan.playbook, plan.mode, list(plan.channels)))
        for errand in plan.errands:
            self.time.at(errand.at + 0.2, partial(self.errands.do, errand))
        for at, seconds in plan.clock_steps:
            self.time.at(at, partial(self._clock_steps, seconds))
        self.time.after(WATCH_S, self._watch)

    def _clock_steps(self, seconds: float) -> None:
        self.say(f"the wall clock is set by {seconds:+.1f} s")
        self.time.wall_offset_s += seconds
        self.set_back_s += max(-seconds, 0.0)
        self._bell_rings()  # in production the next sweep is a second away

    def _live(self, until: float) -> None:
        """Let time pass until `until`, or until nothing is owed any more once the world is healed."""
        while True:
            self._ring_when_due()
            wakes = [process.wake for process in self.processes if process.wake is not None]
            following = min(wakes, default=None)
            due = self.time.next_due
            if due is not None and (following is None or due <= following):
                following = due
            if following is None or following > until or (self.healed and self._quiet()):
                self.time.now = max(self.time.now, min(until, following or until)) if not self.healed else self.time.now
                return
            self.time.now = max(self.time.now, following)
            self.time.run_due()
            for process in list(self.processes):
                if process.wake is not None and process.wake <= self.time.now:
                    process.step()

    def _ring_when_due(self) -> None:
        """Ring the workers when the next thing is due, so that they need not sweep all the time."""
        if self._asked_at == self.database.commits and self._rung_for is not None:
            return
        self._asked_at = self.database.commits
        (row,) = self.database.ask("SELECT min(next_attempt_at) AS due FROM delivery WHERE next_attempt_at > ?",
                                   _stored(self.time.wall()))  # fmt: skip
        if row["due"] is None or row["due"] == self._rung_for:
            return
        self._rung_for = row["due"]
        moment = datetime.fromisoformat(row["due"]).replace(tzinfo=UTC)
        self.time.at(self.time.true_of(moment) + 0.001, self._bell_rings)

    def _bell_rings(self) -> None:
        self._asked_at, self._rung_for = -1, None
        self.ring()

    def _quiet(self) -> bool:
        """Tell whether nothing has been owed for so long that nothing will come of itself any more."""
        (row,) = self.database.ask("SELECT count(*) AS n FROM delivery WHERE next_attempt_at IS NOT NULL")
        if row["n"]:
            self._quiet_since = self.time.now
        rules = self.settings.delivery
        rounds_s = 2 * HEARTBEAT_S * ROUNDS_RARER * HEALED_RARER
        return self.time.now > self._quiet_since + rules.grace_s + rules.lease_s + rounds_s + self.set_back_s

    def _heal(self) -> None:
        """End all trouble, and let two fresh workers take over."""
        self.healed, self._quiet_since = True, self.time.now
        self.say("healed")
        self.chance.heal()
        for process in self.processes:
            process.stop()
        for _ in range(self.schedule.fresh):
            self._someone_new()

    def _watch(self) -> None:
        """See that whatever is not confirmed after a minute is told to a person, while somebody could tell it."""
        rounds_s = (ALARMS_HEALED_S if self.healed else ALARMS_S) * 3
        able = [process.able_since for process in self.processes if not process.dead]
        able_since = min(able, default=self.time.now)
        rows = self.database.ask(
            """SELECT id, channel, language, number, intent, state FROM delivery
               WHERE alarmed_at IS NULL AND state IN ('owed', 'sending', 'retrying', 'uncertain')"""
        )
        seen: dict[str, tuple[float, str]] = {}
        for row in rows:
            since, intent = self._open_since.get(row["id"], (self.time.now, row["intent"]))
            since = since if intent == row["intent"] else self.time.now
            seen[row["id"]] = (since, row["intent"])
            waited = self.time.now - max(since, able_since)
            if waited > self.settings.delivery.alarm_after_s + rounds_s + WATCH_S + self.set_back_s:
                self.promises.broken("a person is told", f"{row['number']} on {row['channel']} {row['language']}: "
                                     f"{row['state']} for more than a minute")  # fmt: skip
        self._open_since = seen
        self.time.after(WATCH_S, self._watch)

    def _someone_new(self) -> None:
        self._names += 1
        self.processes.append(Process(f"w{self._names}", self, self._worker))

    def _worker(self, process: Process) -> Worker:
        rules, proof, luck = self.settings.delivery, self.people.broadcasts.proof, lambda: self.luck_now
        outbox = Outbox(self.database, rules, proof, luck=luck, steps=Steps(rules, self.time.boot))

        async def sleep(seconds: float) -> None:
            await process.rest(self._pause(seconds))

        return Worker(
            process.name,
            self.database,
            outbox,
            Ways(live=self._channels(process, "live"), drill=self._channels(process, "drill")),
            self.settings.delivery,
            self._bell,
            clock=self.time.boot,
            sleep=sleep,
            database=process,
            telling=process,
        )

    def _pause(self, seconds: float) -> float:
        """Return how long a round pauses here: as long as it says, but for those that would fill the whole run."""
        if seconds == self.schedule.sweep_s:
            return ALARMS_HEALED_S if self.healed else ALARMS_S
        return seconds * ROUNDS_RARER * (HEALED_RARER if self.healed else 1) if seconds >= HEARTBEAT_S else seconds

    def _channels(self, process: Process, mode: str) -> Mapping[str, Imitated]:
        """Return the channels that can come to be called; where rows are altered, those of both modes."""
        if mode != self.schedule.mode and all(errand.kind != "alter" for errand in self.schedule.errands):
            return {}
        way = {"facebook": self.schedule.protocol, "intranet": "letter"}
        dead_from, dead_until = self.schedule.token_dead
        return {
            key: Imitated(
                key,
                kind,
                way.get(key, "upsert"),  # type: ignore[arg-type]
                self.places[(mode, key)],
                process,
                self.time,
                self.chance,
                _Ear(self, mode),
                refuses_drafts=self.schedule.refuses_drafts,
                token_dead=lambda: dead_from <= self.time.now < dead_until and not self.healed,
            )
            for key, kind in KINDS.items()
            if key in self.schedule.channels
        }

    def _place(self, mode: str, key: str) -> Place:
        def witness(channel: str, thing: str, mark: str, words: str | None) -> None:
            self.promises.sees(channel, KINDS[key], thing, mark, words)

        if key == "facebook":
            return Page(key, self.time, witness, refuses_twins=self.schedule.refuses_twins)
        if key == "intranet":
            return Mailboxes(key, self.time, witness, self.promises.arrives)
        return Content(key, self.time, witness) if key != "1177_phone" else Phone(key, self.time, witness)

    def _snapshot(self, digest: str) -> Snapshot:
        return next(one for one in self.ground.playbooks.all() if one.digest == digest)


@dataclass(frozen=True)
class _Ear:
    """Hears for the city what the channels of one mode do."""

    city: City
    mode: str

    def begins(self, caller: str, key: str, step: Step, post: Post) -> None:
        self.city.call_begins()
        self.city.promises.call_begins(caller, key, step, post, self.mode)

    def applied(self, key: str, step: Step, post: Post, got: Outcome) -> None:
        self.city.say(f"     {key} {step} {post.mark} {post.language} r{post.revision}: {_told(got)}")

    def ends(self, caller: str, key: str, post: Post) -> None:
        self.city.promises.call_ends(caller, key, post, self.mode)

    def hears(self, caller: str, key: str, step: Step, post: Post, got: Outcome) -> None:
        self.city.say(f"{caller} hears {key} {step} {post.mark} {post.language}: {_told(got)}")


def _told(got: Outcome) -> str:
    # Our own object ids are made anew in each run; the others are the world's, and tell which post it was.
    named = f" {got.remote_id}" if got.remote_id and "RE-" in got.remote_id else ""
    return f"{got.fact} {got.reason}{named}{'' if got.wait_s is None else f' wait {got.wait_s:.0f} s'}"


def _stored(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
