"""
Trying out, on places made for tests, what the service relies on: what is published there says TEST and is taken away.

    page      a Facebook Page: drafts, publishing twice, read-backs, lists, editing, deleting
    content   the content management API: validation, putting twice, the end of publication
    gateway   a phone gateway: revisions and tombstones

Every question is one `Line`: asked, answered, timed. A course cleans up behind itself whatever happens, and says so
where it could not.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import uuid4

from broadcaster.channels import Channel, Fact, Outcome, Post, Reason, Step

Said = Literal["yes", "no", "not allowed", "not known"]
#: One call may take so long; a real Page sometimes needs ten seconds to publish.
CALL_S = 20.0
#: How often a thing that should appear is looked for.
LOOK_EVERY_S = 1.0
#: Cleaning up is tried so often before a person is asked to do it.
CLEANINGS = 5
WORDS = (
    "TEST – PROV AV KRISKANALEN\n\n"
    "Det här är ett prov. Inget har hänt. Provet tas bort inom några sekunder.\n\n"
    "This is a test. Nothing has happened. It will be removed within seconds.\n\n"
    "Nummer {mark}."
)


@dataclass(frozen=True)
class Line:
    """One question with its answer. `needed` says that the service relies on a yes; `note` says what it means."""

    place: str
    question: str
    said: Said
    took_ms: int
    note: str = ""
    needed: bool = True

    @property
    def is_trouble(self) -> bool:
        """Whether somebody has to do something about it."""
        return self.needed and self.said != "yes"

    def __str__(self) -> str:
        note = f" ({self.note})" if self.note else ""
        return f"{self.said:<11} {self.took_ms:>6} ms  {self.place}: {self.question}{note}"


@dataclass
class Stage:
    """One test place: its channel, the words for it, and who is told each line as soon as it is known.

    `patience_s` bounds how long a thing is waited for that should appear. `seconds` and `sleep` measure and wait.
    """

    channel: Channel
    post: Post
    tell: Callable[[Line], None]
    patience_s: float = 60.0
    seconds: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    lines: list[Line] = field(default_factory=list)

    async def ask(self, question: str, step: Step, post: Post | None = None, *, needed: bool = True) -> Outcome:
        """Do one step and tell whether it was done."""
        began = self.seconds()
        got = await self.channel.call(step, post or self.post, CALL_S)
        self.say(question, answer_of(got), began, "" if got.fact is Fact.DONE else got.detail, needed=needed)
        return got

    async def ask_for_refusal(self, question: str, step: Step, reason: Reason, post: Post | None = None) -> Outcome:
        """Do one step that must be refused for `reason`, and tell whether it was."""
        began = self.seconds()
        got = await self.channel.call(step, post or self.post, CALL_S)
        refused = got.fact is Fact.REFUSED and got.reason is reason
        said: Said = "yes" if refused else "no" if got.fact in (Fact.DONE, Fact.REFUSED) else "not known"
        self.say(question, said, began, "" if refused else got.detail)
        return got

    async def wait_for(
        self, question: str, step: Step, true: Callable[[Outcome], bool], post: Post | None = None
    ) -> bool:
        """Look again and again until `true`; tell how long that took, or that it never was within the patience."""
        began = self.seconds()
        while True:
            got = await self.channel.call(step, post or self.post, CALL_S)
            if true(got):
                self.say(question, "yes", began)
                return True
            if self.seconds() - began >= self.patience_s:
                note = f"not within {self.patience_s:g} s; {got.detail}".rstrip("; ")
                self.say(question, "no" if got.fact in (Fact.DONE, Fact.ABSENT) else answer_of(got), began, note)
                return False
            await self.sleep(LOOK_EVERY_S)

    def say(self, question: str, said: Said, began: float, note: str = "", *, needed: bool = True) -> None:
        """Tell a line that was found out otherwise."""
        took_ms = round((self.seconds() - began) * 1000)
        line = Line(self.channel.key, question, said, took_ms, note, needed)
        self.lines.append(line)
        self.tell(line)

    async def fit(self) -> bool:
        """Tell whether the place lets us in at all; without that nothing else is asked."""
        began = self.seconds()
        found = await self.channel.preflight()
        self.say("does it let us in?", "no" if found.state == "red" else "yes", began, " ".join(found.problems))
        return found.state != "red"


def words_for_test(now: datetime) -> Post:
    """Return words that say TEST under a mark nobody has used, beginning now."""
    name = f"TEST-{now:%Y%m%d%H%M%S}-{uuid4().hex[:6]}"
    mark = f"{name}/1"
    return Post(
        object_uuid=str(uuid4()),
        incident=name,
        mark=mark,
        language="sv",
        revision=1,
        words=WORDS.format(mark=mark),
        mode="live",
        starts_at=now - timedelta(seconds=5),  # a place whose clock goes a little behind shows it at once all the same
        expires_at=now + timedelta(minutes=15),  # takes itself down where a place can do that, should we die
        slug=name.lower(),
    )


def revised(post: Post, revision: int) -> Post:
    """Return the same post with other words under another revision."""
    return replace(post, revision=revision, words=f"{post.words}\n\nTEST {revision}.")


def answer_of(got: Outcome) -> Said:
    """Return in one word what an outcome says."""
    if got.fact is Fact.DONE:
        return "yes"
    if got.fact is Fact.REFUSED:
        return "not allowed" if got.reason in (Reason.PERMISSION, Reason.TOKEN) else "no"
    return "no" if got.fact is Fact.ABSENT else "not known"


async def cleaned(stage: Stage, gone: Callable[[], Awaitable[bool]], where: str) -> None:
    """Clean up with `gone` until it says that nothing is left, at most five times, and tell the end of it."""
    began = stage.seconds()
    for attempt in range(CLEANINGS):
        if await gone():
            stage.say("is everything taken away again?", "yes", began)
            return
        if attempt + 1 < CLEANINGS:
            await stage.sleep(LOOK_EVERY_S)
    stage.say("is everything taken away again?", "no", began, f"TAKE IT DOWN BY HAND: {where}")
