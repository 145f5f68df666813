"""
Where a delivery stands, and the one question the protocol answers about it.

`State` is the contract's vocabulary. `Standing` is all the rule may know, `Next` all it may say; `Case` is one
question with the answers that every branch of the rule needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from broadcaster.channels import Outcome, Reason, Step, Way

Intent = Literal["publish", "update", "withdraw"]

#: A crisis schedule: seconds before the n-th repeat, full jitter. Far denser than webhook practice on purpose.
WAITS_S = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)


class State(StrEnum):
    """Where a delivery is, in the contract's words."""

    OWED = "owed"
    SENDING = "sending"  #: a call is running
    RETRYING = "retrying"  #: certainly not public
    UNCERTAIN = "uncertain"  #: a call that could have made it public is unresolved
    PUBLISHED = "published"
    NEEDS_PERSON = "needs_person"
    FAILED = "failed"  #: a person closed it
    SKIPPED = "skipped"
    AFFECTED = "affected"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


#: A machine still has to do something before the public has what it should have.
OPEN = frozenset({State.OWED, State.SENDING, State.RETRYING, State.UNCERTAIN})
#: What is over for the public. A machine may still tidy up or look once more behind it.
ENDED = frozenset(
    {State.PUBLISHED, State.FAILED, State.SKIPPED, State.AFFECTED, State.SUPERSEDED, State.WITHDRAWN, State.EXPIRED}
)


@dataclass(frozen=True)
class Standing:
    """All that the rule may know of a delivery before the answer is applied."""

    way: Way
    intent: Intent
    state: State  #: before the call; an ended state means the call only tidied up or looked once more
    step: Step
    words: str
    remote_id: str | None
    tries: int  #: attempts since the last progress, this one included
    unsure_since: datetime | None
    unsure_last: datetime | None
    ever_unsure: bool
    has_receipt: bool
    not_after: datetime
    risked: bool = False  #: a second public copy may exist beside the recorded one


@dataclass(frozen=True)
class Policy:
    """What the settings and the playbook say about waiting."""

    grace_s: float
    decide_after_s: float
    if_unsure: Literal["silence", "duplicate"]


@dataclass(frozen=True)
class Next:
    """What a delivery becomes. `step` None: no machine owes anything more; then `at` is None too."""

    state: State
    step: Step | None = None
    at: datetime | None = None
    remote_id: str | None = None
    unsure_since: datetime | None = None
    unsure_last: datetime | None = None
    progress: bool = False  #: something went forward: the waits start over
    receipt: bool = False  #: the read-back showed our words
    risked: bool = False  #: what comes next may make a second public copy, so somebody has to look for it later
    tally: Mapping[str, Any] | None = None  #: a letter: how many have it, and who has not
    swept: bool = False  #: nothing of ours is left lying about, or nobody will look for it any more
    reason: Reason = Reason.NONE
    tell: bool = False  #: a person has to know now, not after a minute


@dataclass(frozen=True)
class Case:
    """One question to the rule, with the answers every branch needs."""

    on: Standing
    got: Outcome
    now: datetime
    policy: Policy
    luck: float

    @property
    def unsure(self) -> bool:
        """Tell whether a call that could have reached the public is unexplained."""
        return self.on.unsure_since is not None

    @property
    def grace_over(self) -> bool:
        """Tell whether nothing uncertain can still be under way."""
        last = self.on.unsure_last
        return last is None or self.now >= last + timedelta(seconds=self.policy.grace_s)

    @property
    def later(self) -> datetime:
        """When the next repeat is due: the schedule with full jitter, or the wait the channel named."""
        if self.got.wait_s is not None:
            return self.now + timedelta(seconds=self.got.wait_s)
        cap = WAITS_S[min(max(self.on.tries - 1, 0), len(WAITS_S) - 1)]
        return self.now + timedelta(seconds=cap * self.luck)

    @property
    def waiting(self) -> State:
        """The open state that is true while we wait."""
        if self.on.state in ENDED:
            return self.on.state
        if self.unsure:
            return State.UNCERTAIN
        return State.OWED if self.on.intent == "withdraw" else State.RETRYING

    def next(self, state: State, step: Step | None = None, at: datetime | None = None) -> Next:
        """Begin from what is known now; the branches change what the answer changes."""
        return Next(
            state,
            step,
            at,
            remote_id=self.on.remote_id,
            unsure_since=self.on.unsure_since,
            unsure_last=self.on.unsure_last,
            reason=self.got.reason,
        )

    def again(self, step: Step) -> Next:
        """Repeat later; nothing went forward."""
        return self.next(self.waiting, step, self.later)

    def onward(self, step: Step, **more: object) -> Next:
        """Go on at once with the step after this one. The waits start over only when the branch says so."""
        forward = replace(self.next(self.waiting, step, self.now), reason=Reason.NONE)
        forward = replace(forward, **more)  # type: ignore[arg-type]
        if forward.unsure_since is not None and forward.state not in ENDED:
            return replace(forward, state=State.UNCERTAIN)  # done, but nobody has read it back yet
        return forward

    def doubt(self, step: Step) -> Next:
        """The call may have reached the public: remember since when, and go on with `step`."""
        state = self.on.state if self.on.state in ENDED else State.UNCERTAIN
        since = self.on.unsure_since or self.now
        return replace(self.next(state, step, self.later), unsure_since=since, unsure_last=self.now)

    def person(self, *, tell: bool = True) -> Next:
        """Hand it to a person, unless it is over for the public anyway."""
        if self.on.state in ENDED:
            return self.next(self.on.state)
        return replace(self.next(State.NEEDS_PERSON), tell=tell)
