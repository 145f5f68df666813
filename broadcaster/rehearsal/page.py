"""A Facebook Page tried out: what Facebook promises nowhere and the safest way of publishing rests on."""

import hashlib
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from broadcaster import settings as configuration
from broadcaster.channels import Fact, Outcome, Reason, Step
from broadcaster.channels._compare import bears
from broadcaster.channels._http import Answer, Ask, Connect, Http, deadline
from broadcaster.channels._page_posts import Listing, Shown
from broadcaster.channels.facebook import appsecret_proof
from broadcaster.picture import Picture
from broadcaster.rehearsal import CALL_S, LOOK_EVERY_S, Stage, cleaned
from broadcaster.rehearsal.signed_out import NOTE, seen_signed_out

_FIELDS = "id,message,is_published,created_time,application{id}"
_LATEST = "25"


@dataclass
class PageLists:
    """The Page's own lists, read plainly: what stands in them, and what they say of it."""

    settings: configuration.Facebook
    http: Http
    token: str
    app_secret: str

    async def bearing(self, mark: str) -> tuple[Shown, ...] | None:
        """Return every one of the latest posts and drafts that bears `mark`; None when the list cannot be read."""
        query: Mapping[str, str] = {
            "fields": _FIELDS,
            "limit": _LATEST,
            "appsecret_proof": appsecret_proof(self.token, self.app_secret),
        }
        path = f"/{self.settings.api_version}/{self.settings.page_id}/feed"
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = await self.http.ask(Ask("GET", path, query=query, headers=headers, reads=True), deadline(CALL_S))
        listing = answer.read(Listing) if isinstance(answer, Answer) else None
        return None if listing is None else tuple(one for one in listing.data if bears(one.words, mark))


@dataclass
class _Course:
    stage: Stage
    lists: PageLists
    connect: Connect
    made: set[str] = field(default_factory=set)

    async def drafts(self) -> str | None:
        """Ask whether drafts can be published; return the id of the published post, or None if they cannot."""
        stage = self.stage
        draft = await stage.ask("may we make a draft?", Step.DRAFT, needed=False)
        if draft.remote_id is None or draft.fact is not Fact.DONE:
            return None
        self.made.add(draft.remote_id)
        self._pictured(draft)
        await self._listed_draft(draft.remote_id)
        stage.post = replace(stage.post, remote_id=draft.remote_id)
        if (await stage.ask("may the draft be published?", Step.PUBLISH, needed=False)).fact is not Fact.DONE:
            return None
        return draft.remote_id

    async def post(self) -> str | None:
        """Ask whether a post may be made directly; return its id, or None."""
        self.stage.post = replace(self.stage.post, remote_id=None)
        made = await self.stage.ask("may we post directly?", Step.POST)
        if made.remote_id is None or made.fact is not Fact.DONE:
            return None
        self.made.add(made.remote_id)
        self._pictured(made)
        return made.remote_id

    async def life(self, *, drafted: bool) -> None:
        """Ask about a post that is public: when it is seen, and what may be done to it."""
        stage = self.stage
        await stage.wait_for("does a read-back show it?", Step.LOOK, lambda got: bool(got.public))
        await stage.wait_for("does a list show it?", Step.SEARCH, lambda got: got.fact is Fact.DONE)
        await self._signed_out()
        if drafted:
            began = stage.seconds()
            again = await stage.channel.call(Step.PUBLISH, stage.post, CALL_S)
            copies = await self.lists.bearing(stage.post.mark)
            single = copies is not None and len(copies) <= 1
            note = "" if again.fact is Fact.DONE else f"it answers: {again.detail}"
            stage.say("is publishing it a second time harmless?", "yes" if single else "no", began, note)
        edited = replace(stage.post, words=f"LÖST – {stage.post.words}")
        if (await stage.ask("may we edit it?", Step.EDIT, edited)).fact is Fact.DONE:
            question = "does a read-back show the edit?"
            await stage.wait_for(question, Step.LOOK, lambda got: got.words == edited.words, edited)
        await stage.ask("may we delete it?", Step.WITHDRAW)
        await stage.wait_for("is it gone then?", Step.LOOK, lambda got: got.fact is Fact.ABSENT)

    async def gone(self) -> bool:
        """Delete everything that was made here; tell whether nothing is left that we know of or can find."""
        found = await self.lists.bearing(self.stage.post.mark)
        left = False
        for one in self.made | {shown.id for shown in found or ()}:
            got = await self.stage.channel.call(Step.WITHDRAW, replace(self.stage.post, remote_id=one), CALL_S)
            left |= got.fact is not Fact.DONE
        return not left and found is not None

    def _pictured(self, made: Outcome) -> None:
        """Tell whether what was made shows its picture; the words of a playbook go also without one."""
        left_out = made.reason is Reason.NO_PICTURE
        note = f"posts will have no pictures; {made.detail}" if left_out else ""
        self.stage.say("may it show a picture?", "no" if left_out else "yes", self.stage.seconds(), note, needed=False)

    async def _signed_out(self) -> None:
        """Ask whether the public sees the post; from a Page that shows strangers nothing there is no answer."""
        stage, began = self.stage, self.stage.seconds()
        shown = await stage.channel.call(Step.LOOK, stage.post, CALL_S)
        said = await seen_signed_out(shown.url, stage.post.words, self.connect) if shown.url else "not known"
        note = "" if said == "yes" else NOTE
        stage.say("does somebody who is signed out see it?", said, began, note, needed=said == "no")

    async def _listed_draft(self, draft_id: str) -> None:
        stage, began, found = self.stage, self.stage.seconds(), None
        while found is None and stage.seconds() - began < min(stage.patience_s, 10.0):
            listed = await self.lists.bearing(stage.post.mark)
            found = next((one for one in listed or () if one.id == draft_id), None)
            if found is None:
                await stage.sleep(LOOK_EVERY_S)
        said = "" if found else "what a lost answer left behind cannot be found and swept by us"
        stage.say("does a list show the draft?", "yes" if found else "no", began, said, needed=False)
        if found is not None:
            named = found.application is not None and found.application.id == self.lists.settings.app_id
            note = "" if named else "we cannot tell our drafts from others', so we leave all of them alone"
            stage.say("does it name the app that made it?", "yes" if named else "no", began, note, needed=False)


async def rehearse_page(stage: Stage, lists: PageLists, connect: Connect) -> None:
    """Draft, publish, read, edit and delete one post; directly where drafts are not to be had.

    `connect` is the way to a Page on this machine for a reader without an account.
    """
    if not await stage.fit():
        return
    course = _Course(stage, lists, connect)
    stage.post = replace(stage.post, pictures=(_grey(),))
    try:
        published = await course.drafts()
        drafted = published is not None
        published = published or await course.post()
        if published is not None:
            stage.post = replace(stage.post, remote_id=published)
            await course.life(drafted=drafted)
        _advise(stage, lists.settings, drafted=drafted)
    finally:
        await cleaned(stage, course.gone, f"what bears {stage.post.mark} on the Page {lists.settings.page_id}")


def _grey() -> Picture:
    """Return a grey square that nobody can take for anything, 300 pixels wide."""
    side, pixels = 300, zlib.compress((b"\0" + b"\x80" * 300) * 300)
    parts = ((b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)), (b"IDAT", pixels), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(part)) + name + part + struct.pack(">I", zlib.crc32(name + part)) for name, part in parts
    )
    data = b"\x89PNG\r\n\x1a\n" + body
    return Picture(hashlib.sha256(data).hexdigest(), "image/png", side, side, "TEST: en grå fyrkant.", data)


def _advise(stage: Stage, settings: configuration.Facebook, *, drafted: bool) -> None:
    """Tell which protocol the settings should name."""
    proven = "draft" if drafted else "post"
    note = "" if settings.protocol == proven else f'set protocol = "{proven}"'
    stage.say(f'is protocol = "{settings.protocol}" the right setting?', "no" if note else "yes", stage.seconds(), note)
