"""
The rules for what is over for the public: look once more, choose the copy to keep, tidy up; never open it again.
"""

from dataclasses import replace
from datetime import timedelta

from broadcaster.channels import Fact, Reason, Step
from broadcaster.standing import Case, Next, State

#: So often the last look is repeated quickly, and as often again slowly; then a person hears that nobody could look.
RECHECK_TRIES_MAX = 8
#: Tidying up that the channel refuses (a dead token, say) is tried again so much later, and as often.
REFUSED_AGAIN_S = 900


def recheck(case: Case) -> Next:
    """Look once more at what has ended: an old call that arrived late is put right, silently if all is well."""
    on, got = case.on, case.got
    if got.fact in (Fact.DONE, Fact.ABSENT):
        shown = got.fact is Fact.DONE and got.public is not False
        if on.state is State.PUBLISHED and not (shown and got.words == on.words):
            return case.again(Step.EDIT if on.intent == "update" else Step.PUT)
        if on.intent == "withdraw" and shown and got.reason is not Reason.STALE:
            return case.again(Step.WITHDRAW)
        end = replace(case.next(on.state), receipt=shown and on.state is State.PUBLISHED, reason=Reason.NONE)
        return replace(end, unsure_since=None, unsure_last=None)
    if on.tries >= 2 * RECHECK_TRIES_MAX:
        return replace(case.next(on.state), tell=True)
    if on.tries >= RECHECK_TRIES_MAX or (got.fact is Fact.REFUSED and got.wait_s is None):
        return case.next(on.state, Step.LOOK, case.now + timedelta(seconds=REFUSED_AGAIN_S))
    return case.again(Step.LOOK)


def late_look(case: Case) -> Next:
    """Find the copy to keep where there may be two: the first with our very words, which people have shared."""
    on, got = case.on, case.got
    if got.fact not in (Fact.DONE, Fact.ABSENT):
        return sweep_later(case, Step.SEARCH)
    ours = got.fact is Fact.DONE and got.words == on.words and got.public is not False
    keep = got.remote_id if ours else None
    found = replace(case.onward(Step.SWEEP), receipt=keep is not None)
    return replace(found, remote_id=keep) if keep else found


def sweep(case: Case) -> Next:
    if case.got.fact in (Fact.DONE, Fact.ABSENT):
        return replace(case.next(case.on.state), swept=True, reason=Reason.NONE)
    return sweep_later(case, Step.SWEEP)


def sweep_later(case: Case, step: Step) -> Next:
    """Try to tidy up again later; not for ever, and a person is told where a second public copy may be left."""
    on, got = case.on, case.got
    if on.tries >= RECHECK_TRIES_MAX:
        return replace(case.next(on.state), swept=True, tell=on.risked)
    if got.fact is Fact.REFUSED and got.wait_s is None:
        return replace(case.next(on.state, step, case.now + timedelta(seconds=REFUSED_AGAIN_S)), tell=on.risked)
    return case.again(step)
