"""
The pure rule for what comes next: (where a delivery stands, what the channel answered, the clock) → the next step.

Nothing here reads a clock, rolls a die or touches a database; the same arguments always give the same answer.

    uncertain + repeatable step        → the same step once more, and from then on look before each repeat
    uncertain + one-shot step          → look, and only after the grace and a certain absence ask again
    refused with a wait                → at that time, looking first if anything was ever uncertain
    refused                            → a person
    done                               → the step after it; published only when a read-back shows our very words
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from broadcaster.afterwards import RECHECK_TRIES_MAX, late_look, recheck, sweep, sweep_later
from broadcaster.channels import Fact, Outcome, Reason, Step, Way
from broadcaster.standing import ENDED, Case, Next, Policy, Standing, State

#: An object we were just given may be unreadable for a while (seen in the field for up to 15 s); so many repeats.
GONE_TRIES_MAX = 6


def next_step(on: Standing, got: Outcome, now: datetime, policy: Policy, luck: float) -> Next:
    """Return what becomes of a delivery after `got` answered `on.step`.

    `luck` in [0, 1) spreads the repeats of many deliveries (full jitter). Never returns a one-shot step while an
    uncertain call may still arrive, unless the playbook prefers a duplicate to silence.
    """
    case = Case(on, got, now, policy, luck)
    return _in_time(case, _RULES[on.step](case))


def before_call(on: Standing, now: datetime, policy: Policy) -> Next | None:
    """Return what overrules the step that is due because its time has passed, or None if the call may be made."""
    case = Case(on, Outcome(Fact.NOT_SENT), now, policy, 0.0)
    planned = case.next(on.state, on.step, now)
    found = _in_time(case, planned)
    return None if found is planned else found


def first_step(way: Way) -> Step:
    """Return the step a new delivery of this way begins with."""
    return {"upsert": Step.PUT, "draft": Step.DRAFT, "post": Step.POST, "letter": Step.SEND}[way]


def looking_step(way: Way, remote_id: str | None) -> Step:
    """Return how to find out whether it is public, given what is recorded."""
    return Step.LOOK if way == "upsert" or remote_id else Step.SEARCH


def _in_time(case: Case, found: Next) -> Next:
    """Past `not_after` nothing new is said: what is certainly not public expires, what may be is only looked for.

    Words that are published and were overwritten by an older call are not new: they are put back whenever that is seen.
    """
    on = case.on
    speaks = found.step in (Step.PUT, Step.DRAFT, Step.PUBLISH, Step.POST, Step.EDIT)
    restores = on.state is State.PUBLISHED
    if not speaks or restores or found.at is None or on.intent == "withdraw" or found.at < on.not_after:
        return found
    return _too_late(case, replace(found, risked=False), found.at)  # nothing new is made any more


def _too_late(case: Case, found: Next, at: datetime) -> Next:
    on = case.on
    if found.state in ENDED:
        return replace(found, step=None, at=None)
    if on.has_receipt and on.intent == "publish":
        return replace(found, state=State.PUBLISHED, step=None, at=None, reason=Reason.LATE, tell=True)
    if found.unsure_since is not None and not _expired_doubt(case, found):
        look = looking_step(on.way, found.remote_id)
        return replace(found, state=State.UNCERTAIN, step=look, at=max(at, case.now + timedelta(seconds=5)))
    if on.intent == "update":  # its receipt is for what stands there now, not for the words it should get
        return replace(found, state=State.NEEDS_PERSON, step=None, at=None, reason=Reason.LATE, tell=True)
    never = replace(found, unsure_since=None, unsure_last=None)  # the doubt was looked into, and it did not come
    return replace(never, state=State.EXPIRED, step=None, at=None, reason=Reason.LATE, tell=True)


def _expired_doubt(case: Case, found: Next) -> bool:
    last = found.unsure_last
    looked = case.on.step in (Step.LOOK, Step.SEARCH) and case.got.fact in (Fact.DONE, Fact.ABSENT)
    return looked and last is not None and case.now >= last + timedelta(seconds=case.policy.grace_s)


def _refused(case: Case, step: Step) -> Next:
    """Say what every refusal of a speaking step has in common; `step` is what the wait is for."""
    on, got = case.on, case.got
    puts_back = on.state in ENDED and step in (Step.PUT, Step.EDIT) and on.tries < 2 * RECHECK_TRIES_MAX
    if puts_back and got.wait_s is not None:
        return case.again(step)
    if on.state in ENDED:  # words that should stand there do not, and only a person can change that now
        return replace(case.next(on.state), tell=on.state is State.PUBLISHED and got.reason is not Reason.STALE)
    if got.reason is Reason.STALE:
        if case.unsure and on.step is Step.PUT and on.tries < GONE_TRIES_MAX:
            return case.again(Step.LOOK)  # a repeat of what is there already may be called old as well
        return _replaced(case)
    if got.reason is Reason.IDENTICAL:
        return case.doubt(looking_step(on.way, on.remote_id if on.intent == "update" else None))
    if got.wait_s is not None:
        wanted = looking_step(on.way, on.remote_id) if case.unsure and on.way != "upsert" else step
        return replace(case.again(wanted), tell=got.reason is Reason.BLOCKED)
    if case.unsure and on.way != "upsert" and on.tries <= GONE_TRIES_MAX:
        return case.again(looking_step(on.way, on.remote_id))
    return case.person()


def _once_more_then_look(case: Case, step: Step) -> Next:
    """Repeat a repeatable step once; from then on look first.

    A channel that answers errors may have done it every time, and would never give a receipt for asking again.
    """
    return case.doubt(step if case.on.tries < 2 else Step.LOOK)


def _put(case: Case) -> Next:
    match case.got.fact:
        case Fact.DONE:
            since = case.on.unsure_since or case.now
            return case.onward(Step.LOOK, unsure_since=since, unsure_last=case.now)
        case Fact.NOT_SENT:
            return case.again(Step.PUT)
        case Fact.UNCERTAIN:
            return _once_more_then_look(case, Step.PUT)
        case _:
            return _refused(case, Step.PUT)


def _draft(case: Case) -> Next:
    match case.got.fact:
        case Fact.DONE:
            return case.onward(Step.PUBLISH, remote_id=case.got.remote_id, progress=True)
        case Fact.NOT_SENT | Fact.UNCERTAIN:
            return case.again(Step.DRAFT)  # a draft nobody sees may exist twice; only a recorded one is published
        case _:
            if case.got.reason is Reason.NO_DRAFTS and not case.grace_over:
                return case.again(Step.SEARCH)
            if case.got.reason is Reason.NO_DRAFTS:
                return replace(case.onward(Step.POST), reason=Reason.NO_DRAFTS)
            return _refused(case, Step.DRAFT)


def _publish(case: Case) -> Next:
    on = case.on
    match case.got.fact:
        case Fact.DONE:
            return case.onward(Step.LOOK, unsure_since=on.unsure_since or case.now, unsure_last=case.now)
        case Fact.NOT_SENT:
            return case.again(Step.PUBLISH)
        case Fact.UNCERTAIN:
            return _once_more_then_look(case, Step.PUBLISH)
        case _:
            if case.got.reason is not Reason.GONE:
                return _refused(case, Step.PUBLISH)
            if on.tries <= GONE_TRIES_MAX:
                return case.again(Step.PUBLISH)
            if case.unsure:  # this id will never be published; keeping it would only lead back here
                return replace(case.again(Step.SEARCH), remote_id=None)
            return case.onward(Step.DRAFT, remote_id=None, progress=True)


def _post(case: Case) -> Next:
    on = case.on
    match case.got.fact:
        case Fact.DONE:
            since = on.unsure_since or case.now
            return case.onward(Step.LOOK, remote_id=case.got.remote_id, unsure_since=since, unsure_last=case.now)
        case Fact.NOT_SENT:
            return case.again(Step.SEARCH if case.unsure else Step.POST)
        case Fact.UNCERTAIN:
            return case.doubt(Step.SEARCH)
        case _:
            return _refused(case, Step.POST)


def _look(case: Case) -> Next:
    on, got = case.on, case.got
    if on.state in ENDED:
        return recheck(case)
    if on.intent == "withdraw":
        return case.again(Step.WITHDRAW)  # taking down what may be gone already is harmless
    if got.fact is not Fact.DONE:
        return _look_absent(case) if got.fact is Fact.ABSENT else _cannot_look(case, Step.LOOK)
    if got.public is not False and got.words == on.words:
        return _published(case)
    if on.intent == "update":
        return case.again(Step.EDIT)
    if on.way == "upsert":
        return _replaced(case) if got.reason is Reason.STALE else case.again(Step.PUT)
    if got.public is not False:
        return replace(case.person(), reason=Reason.OTHER_WORDS)
    return case.again(Step.PUBLISH)  # ours, recorded, not public: the same id again is harmless


def _look_absent(case: Case) -> Next:
    on = case.on
    if on.way == "upsert":
        return case.again(Step.PUT)
    if on.intent == "update":
        return case.again(Step.LOOK) if on.tries < GONE_TRIES_MAX else replace(case.person(), reason=Reason.GONE)
    if case.unsure and not case.grace_over:
        return case.again(Step.LOOK)
    return replace(case.again(Step.SEARCH), remote_id=None)


def _cannot_look(case: Case, step: Step) -> Next:
    """Looking itself failed: again later; when that lasts, the playbook's choice decides for one-shot channels."""
    on, got = case.on, case.got
    if got.fact is Fact.REFUSED and got.wait_s is None:
        return case.person()
    since = on.unsure_since
    lasted = since is not None and case.now >= since + timedelta(seconds=case.policy.decide_after_s)
    if not (lasted and step is Step.SEARCH and on.intent == "publish"):
        return case.again(step)
    if case.policy.if_unsure == "silence" or _asked_since_decided(case):
        return case.person()
    return replace(case.again(first_step(on.way)), risked=True)


def _asked_since_decided(case: Case) -> bool:
    """Tell whether the duplicate the playbook accepts was already risked: it accepts one, not one a minute."""
    since, last = case.on.unsure_since, case.on.unsure_last
    return since is not None and last is not None and last >= since + timedelta(seconds=case.policy.decide_after_s)


def _search(case: Case) -> Next:
    on, got = case.on, case.got
    if on.state in ENDED:
        return late_look(case)
    if got.fact is Fact.DONE and on.intent == "withdraw":
        return case.onward(Step.WITHDRAW, remote_id=got.remote_id)  # the waits go on: a list may show what is gone
    if got.fact is Fact.DONE:
        found = replace(case, on=replace(on, remote_id=got.remote_id))
        if got.public is False:
            return found.again(Step.LOOK)
        return _published(found) if got.words == on.words else replace(found.person(), reason=Reason.OTHER_WORDS)
    return _search_absent(case) if got.fact is Fact.ABSENT else _cannot_look(case, Step.SEARCH)


def _search_absent(case: Case) -> Next:
    on = case.on
    if not case.grace_over and on.unsure_last is not None:
        edge = on.unsure_last + timedelta(seconds=case.policy.grace_s)
        return replace(case.again(Step.SEARCH), at=min(case.later, edge))
    if on.intent == "withdraw":
        never = State.WITHDRAWN if on.has_receipt else State.SUPERSEDED
        return replace(_withdrawn(case), state=never)
    if on.intent == "update":  # its post is not to be found, and saying the words once more is no change of it
        return replace(case.person(), reason=Reason.GONE)
    if on.remote_id:
        return case.again(Step.PUBLISH)
    again = replace(case.again(first_step(on.way)), unsure_since=None, unsure_last=None, state=State.RETRYING)
    return replace(again, risked=True)  # a list that does not show it is no proof; a late look makes up for that


def _edit(case: Case) -> Next:
    match case.got.fact:
        case Fact.DONE:
            return case.onward(Step.LOOK)
        case Fact.NOT_SENT:
            return case.again(Step.EDIT)
        case Fact.UNCERTAIN:
            return _once_more_then_look(case, Step.EDIT)
        case _:
            return _refused(case, Step.EDIT)


def _withdraw(case: Case) -> Next:
    on, got = case.on, case.got
    if got.reason is Reason.GONE and on.way != "upsert" and on.state not in ENDED:
        if on.remote_id is None:
            return case.again(Step.SEARCH)  # nothing was asked for, so nothing is known to be gone
        if case.unsure and not case.grace_over:
            return case.again(Step.WITHDRAW)  # a call under way may still bring it, or it is too new to be seen
    if got.fact is Fact.DONE or got.reason is Reason.GONE:
        if on.risked and on.way != "upsert" and on.state not in ENDED:
            return replace(case.again(Step.SEARCH), remote_id=None)  # there may be another copy of it
        return _withdrawn(case)
    if got.reason is Reason.STALE:
        return _replaced(case)
    if got.fact is Fact.REFUSED and got.wait_s is None:
        return sweep_later(case, Step.WITHDRAW) if on.state in ENDED else case.person()
    return case.again(Step.WITHDRAW)


def _replaced(case: Case) -> Next:
    """A newer revision stands there: these words are over."""
    return replace(case.next(State.SUPERSEDED), unsure_since=None, unsure_last=None)


def _withdrawn(case: Case) -> Next:
    """It is gone, or certainly never came. An upsert in flight could still bring it back: look after the grace."""
    on = case.on
    if on.state in ENDED:
        end = replace(case.next(on.state), remote_id=None)  # a draft nobody will publish any more
    else:
        end = case.next(State.WITHDRAWN if on.has_receipt or case.unsure else State.SUPERSEDED)
    end = replace(end, progress=True, reason=Reason.NONE, unsure_since=None, unsure_last=None)
    if on.way == "upsert" and on.ever_unsure and on.step is Step.WITHDRAW:
        return replace(end, step=Step.LOOK, at=case.now + timedelta(seconds=case.policy.grace_s))
    return end


def _published(case: Case) -> Next:
    """Our very words were read back. Where the last writer wins, look once more when nothing older can be in flight."""
    end = replace(case.next(State.PUBLISHED), progress=True, receipt=True, reason=Reason.NONE)
    end = replace(end, unsure_since=None, unsure_last=None)
    if case.on.way == "upsert" or case.on.intent == "update":
        return replace(end, step=Step.LOOK, at=case.now + timedelta(seconds=case.policy.grace_s))
    return end


_RULES: Mapping[Step, Callable[[Case], Next]] = {
    Step.PUT: _put,
    Step.DRAFT: _draft,
    Step.PUBLISH: _publish,
    Step.POST: _post,
    Step.LOOK: _look,
    Step.SEARCH: _search,
    Step.EDIT: _edit,
    Step.WITHDRAW: _withdraw,
    Step.SWEEP: sweep,
}
