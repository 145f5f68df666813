"""A phone gateway tried out: does it keep the promises of docs/phone-gateway.md that order rests on?"""

from dataclasses import replace

from broadcaster.channels import Fact, Reason, Step
from broadcaster.rehearsal import CALL_S, Stage, cleaned, revised


async def rehearse_gateway(stage: Stage) -> None:
    """Put, replace, put something older, take down, and put it again; what was put is taken down at the end."""
    if not await stage.fit():
        return
    newer, newest = revised(stage.post, 2), revised(stage.post, 9)
    try:
        if (await stage.ask("does it take an announcement?", Step.PUT, newer)).fact is Fact.DONE:
            await _order(stage)
    finally:

        async def gone() -> bool:
            await stage.channel.call(Step.WITHDRAW, newest, CALL_S)
            return (await stage.channel.call(Step.LOOK, newest, CALL_S)).fact is Fact.ABSENT

        await cleaned(stage, gone, f"the announcement {stage.post.incident}.{stage.post.language}")


async def _order(stage: Stage) -> None:
    newer = revised(stage.post, 2)
    await stage.wait_for("do callers hear it?", Step.LOOK, lambda got: bool(got.public), newer)
    await stage.ask("is putting the same again harmless?", Step.PUT, newer)
    await stage.ask_for_refusal("is an older revision refused (409)?", Step.PUT, Reason.STALE, stage.post)
    other = replace(newer, words=newer.words + " ")
    await stage.ask_for_refusal("are other words under the same revision refused (409)?", Step.PUT, Reason.STALE, other)
    newest = revised(stage.post, 3)
    await stage.ask("may it be taken down?", Step.WITHDRAW, newest)
    await stage.wait_for("is it silent then?", Step.LOOK, lambda got: got.fact is Fact.ABSENT, newest)
    question = "does a tombstone keep it from coming back (409)?"
    await stage.ask_for_refusal(question, Step.PUT, Reason.STALE, newer)
