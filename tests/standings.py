"""A delivery's standing as the protocol sees it, and what it is after one more call."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from broadcaster.channels import Step, Way
from broadcaster.standing import ENDED, Next, Policy, Standing, State

T0 = datetime(2026, 3, 14, 1, 40, tzinfo=UTC)
NOT_AFTER = T0 + timedelta(hours=6)
WORDS = "Telefonen till 1177 fungerar inte."
SILENCE = Policy(330, 900, "silence")
DUPLICATE = Policy(330, 900, "duplicate")
WAYS: tuple[Way, ...] = ("upsert", "draft", "post")


def standing(**changes: object) -> Standing:
    base = Standing(
        way="draft",
        intent="publish",
        state=State.SENDING,
        step=Step.DRAFT,
        words=WORDS,
        remote_id=None,
        tries=1,
        unsure_since=None,
        unsure_last=None,
        ever_unsure=False,
        has_receipt=False,
        not_after=NOT_AFTER,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def after(on: Standing, found: Next) -> Standing:
    assert found.step is not None
    return replace(
        on,
        state=found.state if found.state in ENDED else State.SENDING,
        step=found.step,
        remote_id=found.remote_id,
        tries=1 if found.progress else on.tries + 1,
        unsure_since=found.unsure_since,
        unsure_last=found.unsure_last,
        ever_unsure=on.ever_unsure or found.unsure_since is not None,
        has_receipt=on.has_receipt or found.receipt,
    )
