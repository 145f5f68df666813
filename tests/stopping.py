"""What the tests of stopping and of recalling share: a first message in each state an accident could leave it in."""

from engine import RATE, REFUSED, UNSURE, Engine

from broadcaster.channels import Fact, Outcome, Reason, Step

FACEBOOK = ["facebook"]
NOTICE = ["1177_notice"]
#: The post may have got out, and looking for it is refused, so that only a person can tell.
POST = {Step.DRAFT: Outcome(Fact.REFUSED, Reason.NO_DRAFTS), Step.POST: UNSURE, Step.SEARCH: REFUSED}


def in_state(engine: Engine, channel: str, wanted: str) -> dict[str, str]:
    """Send a first message to `channel` and bring its delivery into a state an accident could leave it in."""
    first = engine.send(channels=[channel])
    if wanted == "retrying":
        engine.play({Step.DRAFT: RATE, Step.PUT: RATE})
    elif wanted == "sending":
        engine.taken(channel)
    elif wanted == "uncertain":
        engine.play({Step.PUBLISH: UNSURE, Step.PUT: UNSURE}, rounds=3)
    elif wanted == "published":
        engine.play()
    elif wanted == "needs_person":
        engine.play({Step.DRAFT: REFUSED, Step.PUT: REFUSED})
    assert engine.row(channel)["state"] == wanted
    return first
