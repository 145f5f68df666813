"""What the ways promise, each for itself: replaced in place, given an id by the channel, drafted first."""

from dataclasses import replace

from channels.stage import (
    FIRST,
    Hearing,
    Stage,
    first_post,
)

from broadcaster.channels import Channel, Fact, Outcome, Post, Reason, Step


class UpsertContract:
    """Where a message is replaced in place: repeating is safe, older words never stay unnoticed."""

    def test_saying_it_again_changes_nothing(self, stage: Stage) -> None:
        post = first_post()

        async def act(channel: Channel) -> list[Outcome]:
            return [await stage.call(channel, step, post) for step in (Step.PUT, Step.PUT, Step.LOOK)]

        first, again, look = stage.run(act)
        assert (first.fact, again.fact, again.remote_id) == (Fact.DONE, Fact.DONE, first.remote_id)
        assert look.words == first_post().words

    def test_a_newer_revision_takes_the_place(self, stage: Stage) -> None:
        async def act(channel: Channel) -> Outcome:
            await stage.call(channel, Step.PUT, first_post())
            newer = first_post("Nytt besked\n\nAllt fungerar igen.", revision=2, mark="RV-2026-0031/2")
            await stage.call(channel, Step.PUT, newer)
            return await stage.call(channel, Step.LOOK, newer)

        assert stage.run(act).words == "Nytt besked\n\nAllt fungerar igen."

    def test_older_words_are_refused_or_the_next_look_sees_them(self, stage: Stage) -> None:
        """A late repeat of what was said before may never pass for the newest."""
        newer = first_post("Nytt besked\n\nAllt fungerar igen.", revision=2, mark="RV-2026-0031/2")

        async def act(channel: Channel) -> tuple[Outcome, Outcome]:
            await stage.call(channel, Step.PUT, newer)
            late = await stage.call(channel, Step.PUT, first_post())
            return late, await stage.call(channel, Step.LOOK, newer)

        late, look = stage.run(act)
        assert (late.reason is Reason.STALE) == (look.words == newer.words)
        assert late.fact is (Fact.REFUSED if late.reason is Reason.STALE else Fact.DONE)

    def test_two_languages_are_two_objects(self, stage: Stage) -> None:
        """What is said in one language leaves the other alone, also when it is taken down."""
        other = first_post("It is not possible to call 1177\n\nCall 112.", language="en",
                           object_uuid="00000000-0000-5000-8000-000000000001")  # fmt: skip

        async def act(channel: Channel) -> Outcome:
            for post in (first_post(), other):
                await stage.call(channel, Step.PUT, post)
            await stage.call(channel, Step.WITHDRAW, replace(other, revision=2))
            return await stage.call(channel, Step.LOOK, first_post())

        assert stage.run(act).words == first_post().words


class PostContract:
    """Where the channel gives its own ids: one call, one object, found again by its mark."""

    def test_it_is_found_by_its_mark_and_only_by_its_own(self, stage: Stage) -> None:
        """`RV-2026-0031/1` is not `RV-2026-0031/12`."""

        async def act(channel: Channel) -> tuple[Outcome, Outcome, Post]:
            post = await stage.said(channel, first_post())
            lost = replace(post, remote_id=None)
            other = replace(lost, mark="RV-2026-0031/12")
            found = [await stage.call(channel, Step.SEARCH, one) for one in (lost, other)]
            return found[0], found[1], post

        found, other, post = stage.run(act)
        assert (found.fact, found.remote_id, found.words) == (Fact.DONE, post.remote_id, post.words)
        assert other.fact is Fact.ABSENT

    def test_saying_it_asks_once(self, stage: Stage) -> None:
        """What cannot be taken back is never repeated inside a call, whatever came of it."""

        heard: list[str] = []

        async def act(channel: Channel) -> None:
            await channel.preflight()
            stage.break_all("applied_then_500")
            await stage.call(channel, FIRST[stage.way], first_post())

        stage.run(act, lambda: Hearing(heard))
        assert len([one for one in heard if one.startswith("POST ")]) == 1

    def test_a_changed_first_line_is_read_back(self, stage: Stage) -> None:
        """The line that stops shares from lying is there, and the look sees it."""
        changed = "Löst kl. 06.00\n\n" + first_post().words

        async def act(channel: Channel) -> Outcome:
            post = replace(await stage.said(channel, first_post()), words=changed)
            assert (await stage.call(channel, Step.EDIT, post)).fact is Fact.DONE
            return await stage.call(channel, Step.LOOK, post)

        assert stage.run(act).words == changed


class DraftContract:
    """Where a draft comes first: nobody sees it, and publishing it twice is harmless."""

    def test_a_draft_is_not_public_and_publishing_it_twice_makes_one(self, stage: Stage) -> None:
        async def act(channel: Channel) -> list[Outcome]:
            drafted = await stage.call(channel, Step.DRAFT, first_post())
            post = first_post(remote_id=drafted.remote_id)
            hidden = await stage.call(channel, Step.LOOK, post)
            steps = (Step.PUBLISH, Step.PUBLISH, Step.SEARCH)
            return [hidden, *[await stage.call(channel, step, post) for step in steps]]

        hidden, first, again, search = stage.run(act)
        assert hidden.fact is Fact.ABSENT or hidden.public is False
        assert first.fact is Fact.DONE
        assert again.fact is not Fact.REFUSED
        assert (search.fact, search.others) == (Fact.DONE, 0)
