"""What happens at a moment a schedule names: a person acts, a process is hit, somebody alters a row."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from simulation.people import SENTENCE, People, Sent, some_pair
from simulation.process import Process
from simulation.promises import Promises
from simulation.schedule import Errand, Schedule


@dataclass
class Errands:
    """Does the errands of a schedule; what exactly, each errand's own seed decides from what is there by then."""

    schedule: Schedule
    people: People
    promises: Promises
    processes: Sequence[Process]
    say: Callable[[str], None]

    def do(self, errand: Errand) -> None:
        """Do one errand now, as far as there is anybody or anything to do it to."""
        draw, plan = Random(errand.seed), self.schedule
        alive = [process for process in self.processes if not process.dead]
        if errand.kind in ("kill", "sleep", "stop"):
            if alive:
                self._to_a_worker(errand.kind, draw.choice(alive), draw)
        elif errand.kind == "first":
            self.people.send("first", plan.playbook, plan.mode, list(plan.channels))
        elif self.people.sent:
            self._to_a_message(errand.kind, draw.choice(self.people.sent), draw)

    def _to_a_message(self, kind: str, one: Sent, draw: Random) -> None:
        if kind in ("alter", "revoke"):
            self._intrude(kind, one, draw)
        elif kind == "recall":
            self.people.recall(one)
        elif kind in ("retry", "acknowledge"):
            self._to_a_delivery(kind, one, draw)
        else:
            self._say_more(kind, one, draw)

    def _say_more(self, kind: str, one: Sent, draw: Random) -> None:
        plan = self.schedule
        channels = list(plan.channels)
        if len(channels) > 1 and draw.random() < 0.2:
            channels = [draw.choice(channels)]
        phase, sentence = ("update", SENTENCE) if kind == "sentence" else (kind, None)
        before = len(self.people.sent)
        self.people.send(phase, plan.playbook, plan.mode, channels, one.ref, sentence)
        if sentence is not None and len(self.people.sent) > before:
            decide = self.people.approve if draw.random() < 0.75 else self.people.reject
            self.people.time.after(draw.uniform(1, 120), partial(decide, self.people.sent[-1]))

    def _to_a_worker(self, kind: str, process: Process, draw: Random) -> None:
        if kind == "kill":
            process.die("killed")
        elif kind == "stop":
            self.say(f"{process.name} is asked to stop")
            process.stop()
        else:
            process.sleep(draw.choice((draw.uniform(1, 30), draw.uniform(30, 400))))

    def _to_a_delivery(self, kind: str, one: Sent, draw: Random) -> None:
        pair = some_pair(draw, one)
        if pair is None:
            return
        if kind == "retry":
            self.people.retry(one, *pair)
            return
        body = draw.choice(({"url": "https://page.example/by-hand"}, {"reason": "gick inte"}, {}))
        self.people.acknowledge(one, *pair, body)

    def _intrude(self, kind: str, one: Sent, draw: Random) -> None:
        ask = self.people.database.ask
        if kind == "revoke":
            (row,) = ask("SELECT playbook_digest, (SELECT revoked_at FROM snapshot WHERE digest = playbook_digest) "
                         "AS revoked FROM message WHERE id = ?", one.id)  # fmt: skip
            if row["revoked"] is None:
                self.say("the playbook is revoked")
                self.people.revoke(row["playbook_digest"])
            return
        what = draw.choice(("words", "blanks", "mode"))
        self.say(f"somebody alters the {what} of {one.ref} {one.phase}")
        altered = ask("SELECT id FROM delivery WHERE message_id = ?", one.id)
        self.promises.tampered |= {row["id"]: what for row in altered}
        if what == "words":
            ask("UPDATE delivery SET words = words || ' Ring 0900-123.' WHERE message_id = ?", one.id)
        elif what == "blanks":
            ask("UPDATE message SET blanks = ? WHERE id = ?", json.dumps({"start": "2026-03-14T02:10"}), one.id)
        else:
            mode = "live" if self.schedule.mode == "drill" else "drill"
            ask("UPDATE delivery SET mode = ? WHERE message_id = ?", mode, one.id)
