"""The content management API tried out: validation, putting twice, reading back, and the end of publication."""

from dataclasses import replace

from broadcaster.channels import Fact, Step
from broadcaster.channels.content_management import ContentManagement
from broadcaster.rehearsal import CALL_S, Stage, answer_of, cleaned


async def rehearse_content(stage: Stage, api: ContentManagement) -> None:
    """Validate, put, put again, end the publication; what was put is no longer public at the end."""
    if not await stage.fit():
        return
    try:
        began = stage.seconds()
        got = await api.validate(replace(stage.post, expires_at=None), CALL_S)  # as it is sent in a crisis
        note = "" if got.fact is Fact.DONE else got.detail
        stage.say("does its full validation take our page, as a draft without an end?", answer_of(got), began, note)
        if (await stage.ask("may we publish?", Step.PUT)).fact is Fact.DONE:
            await _life(stage)
    finally:

        async def gone() -> bool:
            await stage.channel.call(Step.WITHDRAW, stage.post, CALL_S)
            seen = await stage.channel.call(Step.LOOK, stage.post, CALL_S)
            return seen.fact is Fact.ABSENT or seen.public is False

        await cleaned(stage, gone, f"the page {stage.post.slug}, id {stage.post.object_uuid}")
        began = stage.seconds()
        got = await api.remove(stage.post, CALL_S)
        note = "" if got.fact is Fact.DONE else "it is no longer public; an editor may delete it"
        stage.say("may it be put in the wastebasket?", answer_of(got), began, note, needed=False)


async def _life(stage: Stage) -> None:
    question = "does a read-back show our words as public?"
    await stage.wait_for(question, Step.LOOK, lambda got: bool(got.public) and got.words == stage.post.words)
    await stage.ask("is putting the same again harmless?", Step.PUT)
    question = "are the words still exactly ours?"
    await stage.wait_for(question, Step.LOOK, lambda got: got.words == stage.post.words)
    await stage.ask("may we end the publication (stopPublish)?", Step.WITHDRAW)
    await stage.wait_for("does that take it down?", Step.LOOK, lambda got: got.public is False)
