"""
The channels as the worker sees them: they call the imitated world and answer exactly what the real adapters could.

A call is met by chance on its way (`chance`), changes the world now or later, and ends in an `Outcome` of the same
tables as in `broadcaster.channels`. A call whose process died changes the world all the same, if it had left.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from broadcaster.channels import Fact, Outcome, Post, Preflight, Reason, Step, Way
from broadcaster.channels._compare import compared
from simulation.chance import CallLuck, Chance, Death, Fault
from simulation.time import Time
from simulation.world import Content, Mailboxes, Page, Phone, Place

Act = Callable[[], Outcome]
_GONE = Outcome(Fact.REFUSED, Reason.GONE, status=400, code=100, subcode=33)


class Caller(Protocol):
    """The process a channel lives in."""

    name: str
    dead: bool

    def die(self, point: str) -> None:
        """End without another step."""


class Desk(Protocol):
    """Who is told of every call, at its beginning and when it is done out there."""

    def begins(self, caller: str, key: str, step: Step, post: Post) -> None:
        """A call begins now."""

    def ends(self, caller: str, key: str, post: Post) -> None:
        """The caller does not wait for this call any more."""

    def hears(self, caller: str, key: str, step: Step, post: Post, got: Outcome) -> None:
        """The caller hears this answer."""

    def applied(self, key: str, step: Step, post: Post, got: Outcome) -> None:
        """It was done out there, with this answer; nobody may ever hear it."""


@dataclass
class Imitated:
    """One channel of one process."""

    key: str
    kind: str
    way: Way
    place: Place
    caller: Caller
    time: Time
    chance: Chance
    desk: Desk
    refuses_drafts: bool = False
    token_dead: Callable[[], bool] = lambda: False

    async def call(self, step: Step, post: Post, timeout_s: float) -> Outcome:
        """Make one call, as lucky as chance has it."""
        if self.caller.dead:
            return await _never()
        self.desk.begins(self.caller.name, self.key, step, post)
        luck = self.chance.call(self.kind, self.key, step, post)
        if luck.death is Death.BEFORE:
            return await self._die(step, Death.BEFORE)
        answer: list[Outcome] = []
        refusal = self._refusal(step, luck)
        if refusal is None:
            self._send(step, post, luck, answer)
        if luck.death is Death.APPLIED:
            return await self._die(step, Death.APPLIED)
        try:
            await asyncio.sleep(min(luck.answered_s, timeout_s))
        finally:  # also when the worker gave up waiting
            self.desk.ends(self.caller.name, self.key, post)
        if luck.death is Death.ANSWERED:
            return await self._die(step, Death.ANSWERED)
        got = _timed_out(step) if luck.answered_s > timeout_s else refusal or _hidden(luck) or answer[0]
        self.desk.hears(self.caller.name, self.key, step, post, got)
        return got

    async def preflight(self) -> Preflight:
        """Say that all is well; what a preflight finds is no part of this."""
        return Preflight("green")

    async def close(self) -> None:
        """Do nothing: there is nothing open."""

    def _send(self, step: Step, post: Post, luck: CallLuck, answer: list[Outcome]) -> None:
        """Let the request be done when it arrives, if it ever does. Reads are answered from what they meet."""
        if luck.fault in _NEVER_ARRIVES:
            return
        act = self._act(step, post, luck)

        def arrive() -> None:
            got = act()
            answer.append(got)
            self.desk.applied(self.key, step, post, got)

        if luck.applied_s > luck.answered_s or luck.applied_s > 0.05:
            self.time.after(luck.applied_s, arrive)
        else:
            arrive()

    def _refusal(self, step: Step, luck: CallLuck) -> Outcome | None:
        """Return a certain no, which stands before anything is done."""
        facebook = self.kind == "facebook"
        reason, status, code, wait_s = _REFUSED.get(luck.fault, (Reason.NONE, 0, 0, None))
        if self.token_dead():
            reason, status, code, wait_s = _REFUSED[Fault.TOKEN]
        about_drafts = step is Step.DRAFT and facebook
        if reason is Reason.NONE:
            if about_drafts and self.refuses_drafts:
                return Outcome(Fact.REFUSED, Reason.NO_DRAFTS, status=400, code=100)
            return None
        if about_drafts and reason in (Reason.PERMISSION, Reason.CONTENT):
            reason = Reason.NO_DRAFTS
        wait = luck.wait_s if wait_s == 0.0 else wait_s
        return Outcome(Fact.REFUSED, reason, wait_s=wait, status=status, code=code if facebook else None)

    def _act(self, step: Step, post: Post, luck: CallLuck) -> Act:
        if isinstance(self.place, Page):
            return _on_page(self.place, step, post, luck)
        if isinstance(self.place, Content):
            return _on_content(self.place, step, post, luck)
        if isinstance(self.place, Mailboxes):
            return _into_mailbox(self.place, step, post)
        assert isinstance(self.place, Phone)
        return _on_phone(self.place, step, post)

    async def _die(self, step: Step, death: Death) -> Outcome:
        self.caller.die(f"call:{step}:{death}")
        return await _never()


_NEVER_ARRIVES = frozenset({Fault.NOT_SENT, Fault.DROPPED, Fault.ERROR_500, Fault.HANG})
#: fault → (reason, HTTP status, Graph code, seconds to wait: None for none named, 0 for what chance says)
_REFUSED: dict[Fault, tuple[Reason, int, int, float | None]] = {
    Fault.RATE: (Reason.RATE, 429, 4, 0.0),
    Fault.TOKEN: (Reason.TOKEN, 401, 190, None),
    Fault.BLOCKED: (Reason.BLOCKED, 400, 368, 3600.0),
    Fault.PERMISSION: (Reason.PERMISSION, 403, 200, None),
    Fault.CONTENT: (Reason.CONTENT, 400, 100, None),
    Fault.IDENTICAL: (Reason.IDENTICAL, 400, 506, None),
}


def _hidden(luck: CallLuck) -> Outcome | None:
    """Return what the caller gets instead of the answer."""
    if luck.fault is Fault.NOT_SENT:
        return Outcome(Fact.NOT_SENT, Reason.NETWORK, detail="ConnectError")
    if luck.fault in (Fault.DROPPED, Fault.APPLIED_DROPPED):
        return Outcome(Fact.UNCERTAIN, Reason.NETWORK, detail="RemoteProtocolError")
    if luck.fault in (Fault.ERROR_500, Fault.APPLIED_500):
        return Outcome(Fact.UNCERTAIN, Reason.SERVER, status=500)
    if luck.fault is Fault.NO_PROOF:
        return Outcome(Fact.UNCERTAIN, Reason.SERVER, status=200, detail="without an id")
    if luck.fault is Fault.UNREAD:
        return Outcome(Fact.UNCERTAIN, Reason.SERVER, detail="there are more posts than could be read")
    return None


def _timed_out(step: Step) -> Outcome:
    return Outcome(Fact.UNCERTAIN, Reason.NETWORK, detail=f"{step}: TimeoutError")


async def _never() -> Outcome:
    await asyncio.Event().wait()
    raise AssertionError("Bug! A dead process was answered")


def _on_page(page: Page, step: Step, post: Post, luck: CallLuck) -> Act:
    if step is Step.SEARCH:
        return lambda: _search(page, post, luck)
    if step is Step.SWEEP:
        return lambda: _sweep(page, post, luck)
    if step in (Step.DRAFT, Step.POST):
        return lambda: _make(page, post, public=step is Step.POST)
    remote_id = post.remote_id
    if not remote_id:
        return lambda: _GONE
    if step is Step.LOOK:
        return lambda: _look_page(page, post, remote_id, luck)

    def change() -> Outcome:
        if step is Step.WITHDRAW:
            return _DONE if page.delete(remote_id) else replace(_GONE, fact=Fact.DONE)
        done = page.publish(remote_id) if step is Step.PUBLISH else page.edit(remote_id, post.words)
        return replace(_DONE, remote_id=remote_id) if done else _GONE

    return change


_DONE = Outcome(Fact.DONE, status=200)


def _make(page: Page, post: Post, *, public: bool) -> Outcome:
    made = page.make(post.words, post.mark, public=public)
    if made is None:
        return Outcome(Fact.REFUSED, Reason.IDENTICAL, status=400, code=506, subcode=1455006)
    return replace(_DONE, remote_id=made, url=f"https://page.example/{made}" if public else None)


def _look_page(page: Page, post: Post, remote_id: str, luck: CallLuck) -> Outcome:
    thing = page.things.get(remote_id)
    was = thing.seen(page.time.now - _lag(luck)) if thing else None
    if was is None or was.words is None:
        return replace(_GONE, fact=Fact.ABSENT)
    seen = replace(_DONE, remote_id=remote_id, url=f"https://page.example/{remote_id}", public=was.public)
    return compared(seen, post.words, was.words)


def _search(page: Page, post: Post, luck: CallLuck) -> Outcome:
    found = page.bearing(post.mark, page.time.now - _lag(luck), post.starts_at, drafts=False)
    if not found:
        return Outcome(Fact.ABSENT, detail="the mark is in none of the posts shown")
    exact = [(thing, was) for thing, was in found if was.words == post.words]
    best, was = (exact or found)[0]
    seen = Outcome(Fact.DONE, remote_id=best.id, url=f"https://page.example/{best.id}", public=True,
                   others=len(found) - 1)  # fmt: skip
    return compared(seen, post.words, was.words or "")


def _sweep(page: Page, post: Post, luck: CallLuck) -> Outcome:
    """Take away drafts with the mark, and second public copies where the recorded one is seen public beside them."""
    found = page.bearing(post.mark, page.time.now - _lag(luck), post.starts_at, drafts=True)
    kept_seen = any(thing.id == post.remote_id and was.public for thing, was in found)
    others = [(thing, was) for thing, was in found if thing.id != post.remote_id and (not was.public or kept_seen)]
    if not others:
        return Outcome(Fact.ABSENT)
    for thing, _ in others:
        page.delete(thing.id)
    return replace(_DONE, others=sum(1 for _, was in others if was.public))


def _on_content(place: Content, step: Step, post: Post, luck: CallLuck) -> Act:
    def put() -> Outcome:
        place.put(post.object_uuid, post.words, post.mark)
        return replace(_DONE, remote_id=post.object_uuid, url=f"https://content.example/{post.slug}")

    def look() -> Outcome:
        thing = place.things.get(post.object_uuid)
        was = thing.seen(place.time.now - _lag(luck)) if thing else None
        if was is None or was.words is None:
            return Outcome(Fact.ABSENT, Reason.GONE, status=404)
        seen = replace(_DONE, remote_id=post.object_uuid, url=f"https://content.example/{post.slug}", public=was.public)
        return compared(seen, post.words, was.words)

    def withdraw() -> Outcome:
        if place.end(post.object_uuid):
            return replace(_DONE, remote_id=post.object_uuid)
        return Outcome(Fact.DONE, Reason.GONE, status=404)

    return _upsert(step, put, look, withdraw)


def _on_phone(place: Phone, step: Step, post: Post) -> Act:
    object_id = f"{post.incident}.{post.language}"
    stale = Outcome(Fact.REFUSED, Reason.STALE, status=409)

    def put() -> Outcome:
        done = place.put(object_id, post.words, post.revision, post.mark)
        return replace(_DONE, remote_id=object_id, url=f"https://phone.example/{object_id}") if done else stale

    def look() -> Outcome:
        thing = place.things.get(object_id)
        if thing is None or thing.now.words is None:
            return Outcome(Fact.ABSENT, Reason.GONE, status=404)
        seen = replace(_DONE, remote_id=object_id, url=f"https://phone.example/{object_id}", public=thing.now.public)
        found = compared(seen, post.words, thing.now.words)
        return replace(found, reason=Reason.STALE) if thing.revision > post.revision else found

    def withdraw() -> Outcome:
        match place.delete(object_id, post.revision):
            case "gone":
                return replace(_DONE, remote_id=object_id)
            case "stale":
                return stale
        return Outcome(Fact.DONE, Reason.GONE, status=404)

    return _upsert(step, put, look, withdraw)


def _into_mailbox(place: Mailboxes, step: Step, post: Post) -> Act:
    letter = post.letter
    if step is not Step.SEND or letter is None:
        raise NotImplementedError(f"{step}: a letter is sent, to one recipient, and that is all")

    def send() -> Outcome:
        made = place.take(post.words, post.mark, post.language, letter.recipient, letter.id)
        return replace(_DONE, remote_id=made)

    return send


def _upsert(step: Step, put: Act, look: Act, withdraw: Act) -> Act:
    acts = {Step.PUT: put, Step.LOOK: look, Step.WITHDRAW: withdraw}
    if step not in acts:
        raise NotImplementedError(f"{step}: this channel is replaced in place (put, look, withdraw)")
    return acts[step]


def _lag(luck: CallLuck) -> float:
    return luck.lag_s if luck.fault is Fault.STALE_READ else 0.0
