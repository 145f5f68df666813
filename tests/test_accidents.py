"""Crashes, zombies, lost and late answers in any mixture: once, and never older words."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine import ABSENT, NOT_SENT, UNSURE, Engine, make_engine
from service import Clock

from broadcaster.channels import Fact, Outcome, Reason, Step
from broadcaster.outbox import Claim


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine whose channels the test answers for."""
    made = make_engine(tmp_path, clock)
    yield made
    made.parts.store.close()


class TestAnyAccident:
    """Crashes, zombies, lost and late answers in any mixture, on an imitation that obeys the call it gets."""

    @pytest.mark.parametrize("channel", ["facebook", "1177_notice"])
    @pytest.mark.parametrize("seed", range(16))
    def test_the_message_is_out_once_and_a_newer_one_is_what_stands(
        self, engine: Engine, channel: str, seed: int
    ) -> None:
        """Whatever happens on the way, in the end each message is public once, and 1177 shows the newest."""
        world = World(engine, random.Random(seed))
        first = engine.send(channels=[channel])
        world.live(channel, calls=25)
        engine.send("update", first["incident"], channels=[channel])
        world.live(channel, calls=25)
        world.calm(channel)
        older, newer = engine.rows(channel)
        shown = [words for words, public in world.objects.values() if public]
        assert older["state"] in ("published", "superseded", "needs_person")
        assert len(shown) == len(set(shown))
        if newer["state"] == "published":
            assert newer["words"] in shown
        else:  # three workers in a row died holding it
            assert newer["error"]["reason"] == "workers_died" and newer["alarmed_at"] is not None
        if channel == "facebook" and older["state"] == "published":
            assert older["words"] in shown


class World:
    """A channel that does what it is told, sometimes late, and often does not say so."""

    def __init__(self, engine: Engine, chance: random.Random) -> None:
        self.engine, self.chance = engine, chance
        self.objects: dict[str, tuple[str, bool]] = {}
        self.late: list[Claim] = []
        self.made = 0

    def live(self, channel: str, calls: int) -> None:
        for _ in range(calls):
            self.engine.clock.advance(self.chance.choice([0, 0.5, 2, 7, 30]))
            for claim in self.engine.outbox().claim(f"w{self.chance.random()}"):
                self._pay(claim)
            if self.late and self.chance.random() < 0.5:
                self._do(self.late.pop())

    def calm(self, channel: str) -> None:
        while self.late:
            self._do(self.late.pop())
        for _ in range(60):
            self.engine.clock.advance(40)
            for claim in self.engine.outbox().claim("calm"):
                following: Claim | None = claim
                while following is not None:
                    following = self.engine.settle(following, self._do(following))

    def _pay(self, claim: Claim) -> None:
        following: Claim | None = claim
        while following is not None:
            accident = self.chance.choice(["none", "none", "dies_before", "dies_after", "lost", "late", "500"])
            if accident == "dies_before":
                return
            if accident == "late" and following.step is not Step.LOOK:
                self.late.append(following)
                following = self.engine.settle(following, UNSURE)
                continue
            answer = NOT_SENT if accident == "lost" else self._do(following)
            if accident == "dies_after":
                return
            following = self.engine.settle(following, UNSURE if accident == "500" else answer)

    def _do(self, claim: Claim) -> Outcome:
        post, step = claim.post, claim.step
        if step is Step.PUT:
            self.objects[post.object_uuid] = (post.words, True)
            return Outcome(Fact.DONE, remote_id=post.object_uuid)
        if step is Step.DRAFT:
            self.made += 1
            name = f"100200300_{self.made}"
            self.objects[name] = (post.words, False)
            return Outcome(Fact.DONE, remote_id=name)
        name = (post.remote_id or "") if claim.channel == "facebook" else post.object_uuid
        if step is Step.SEARCH:
            seen = [key for key, (words, public) in self.objects.items() if public and post.mark in words]
            return Outcome(Fact.DONE, remote_id=seen[0], words=post.words, public=True) if seen else ABSENT
        if name not in self.objects:
            return ABSENT if step is Step.LOOK else Outcome(Fact.REFUSED, Reason.GONE)
        words, public = self.objects[name]
        if step is Step.LOOK:
            return Outcome(Fact.DONE, remote_id=name, words=words, public=public)
        if step is Step.WITHDRAW:
            del self.objects[name]
        elif step is Step.PUBLISH:
            self.objects[name] = (words, True)
        else:
            self.objects[name] = (post.words, public)
        return Outcome(Fact.DONE, remote_id=name)
