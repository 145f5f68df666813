"""
A Facebook Page: draft, record its id, publish that id; or post once, and look.

Facebook has no idempotency key and promises no order in its lists. So nothing here repeats a post, an id counts only
when it belongs to our Page, and being absent from a list is only that: not in what was shown.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from pydantic import StrictBool

from broadcaster import settings as configuration
from broadcaster.channels import Fact, Outcome, Post, Preflight, Reason, Step, Way
from broadcaster.channels._compare import compared, same
from broadcaster.channels._graph_errors import GraphAnswer, refused
from broadcaster.channels._http import (
    Answer,
    Ask,
    Clock,
    Connect,
    Http,
    Seconds,
    Sleep,
    Until,
    deadline,
    public_address,
)
from broadcaster.channels._page_checks import Frozen, LastUsed, PageChecks
from broadcaster.channels._page_photos import Album, Files, upload
from broadcaster.channels._page_posts import Listing, Reading, Shown, Spares, earliest, is_copy, is_found, spares
from broadcaster.channels._page_usage import Budget
from broadcaster.clocks import boot_clock, utc_now
from broadcaster.settings import is_loopback_http

_READ_FIELDS = "id,message,is_published,permalink_url,created_time"
_LIST_FIELDS = "id,message,created_time,permalink_url"
_SWEEP_FIELDS = "id,message,is_published,created_time,application{id},from{id}"
#: A busy Page in a long night still fits: a search that cannot reach the message's beginning proves nothing.
_PAGE_SIZE = 50
_PAGES_MAX = 20
_UTC = ZoneInfo("UTC")


class _Made(GraphAnswer):
    id: str | None = None
    permalink_url: str | None = None


class _Success(GraphAnswer):
    success: StrictBool = False


class Facebook:
    """One Page. `way` is `draft` or `post`, as `settings.protocol` says.

    `clock` is the time people have, `seconds` counts those that pass; `zone` is for times in what preflight says, and
    `last_used` tells when each step last succeeded, as far as anybody wrote it down,
    `frozen` whether a live incident is open.
    """

    kind = "facebook"

    def __init__(
        self,
        key: str,
        settings: configuration.Facebook,
        token: str,
        app_secret: str,
        *,
        connect: Connect | None = None,
        sleep: Sleep = asyncio.sleep,
        clock: Clock = utc_now,
        seconds: Seconds = boot_clock,
        zone: ZoneInfo = _UTC,
        last_used: LastUsed | None = None,
        frozen: Frozen | None = None,
    ) -> None:
        self.key = key
        self.way: Way = settings.protocol
        self._settings = settings
        self._app_token = f"{settings.app_id}|{app_secret}"
        self._token = token
        self._proof = appsecret_proof(token, app_secret)
        secrets = (token, app_secret, self._proof)
        self._http = Http(settings.base_url, connect=connect, sleep=sleep, clock=clock, secrets=secrets)
        self._budget = Budget(settings.page_id, seconds)
        self._checks = PageChecks(
            settings, self._ask_token, self._ask_page, self._budget,
            zone=zone, clock=clock, seconds=seconds, last_used=last_used, frozen=frozen)  # fmt: skip

    async def call(self, step: Step, post: Post, timeout_s: float) -> Outcome:
        """Do one step and say what is now certain. Raises `NotImplementedError` for `PUT` and `SEND`."""
        until = deadline(timeout_s)
        match step:
            case Step.DRAFT | Step.POST:
                return await self._make(step, post, until)
            case Step.SEARCH:
                return await self._search(post, until)
            case Step.SWEEP:
                return await self._sweep(post, until)
            case Step.PUT | Step.SEND:
                raise NotImplementedError("a Page gives its own ids: draft or post")
        if not post.remote_id:
            return Outcome(Fact.REFUSED, Reason.GONE, detail=f"{step}: no id recorded, nothing was asked")
        if step is Step.LOOK:
            return await self._look(post, post.remote_id, until)
        return await self._change(step, post, post.remote_id, until)

    async def preflight(self) -> Preflight:
        """Say whether a post would go out: what Facebook says of our token and of the Page, kept for a while."""
        return await self._checks.look()

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()

    async def _make(self, step: Step, post: Post, until: Until) -> Outcome:
        """Make a post with its pictures, and if Facebook certainly refuses it so, at once without them."""
        album = await upload(post.pictures, self._upload, until)
        beside = album.form or self._preview_of(post)
        made = await self._make_with(step, post, beside, until)
        refused_so = made.fact is Fact.REFUSED and made.reason in _MAYBE_WHAT_IS_BESIDE
        if beside and refused_so:
            faults = (*album.faults, made.detail) if album.ids else album.faults
            album = Album(faults=faults)
            made = await self._make_with(step, post, {}, until)
        return _counted(made, post, album)

    async def _make_with(self, step: Step, post: Post, beside: Mapping[str, str], until: Until) -> Outcome:
        if step is Step.DRAFT:
            form = {"message": post.words, "published": "false", "unpublished_content_type": "DRAFT", **beside}
        else:
            form = {"message": post.words, "fields": "id,permalink_url", **beside}
        answer = await self._ask("POST", f"{self._settings.page_id}/feed", until, step=step, form=form)
        if isinstance(answer, Outcome):
            return _about_the_page(answer)
        made = answer.read(_Made)
        if made is None or not self._is_ours(made.id):
            return answer.unproven("without an id of our Page")
        url = self._address(made.id, made.permalink_url) if step is Step.POST else None
        return answer.outcome(Fact.DONE, Reason.NONE, remote_id=made.id, url=url)

    async def _upload(self, form: Mapping[str, str], files: Files, until: Until) -> Answer | Outcome:
        """Upload one photo. Whatever comes back is about it alone: no pause is learnt that would hold the words."""
        return await self._ask("POST", f"{self._settings.page_id}/photos", until, form=form, files=files)

    def _preview_of(self, post: Post) -> dict[str, str]:
        """Return what has Facebook show a preview of our page, if the settings want it and anybody could open it."""
        return {"link": post.link} if self._settings.link_preview and post.link and post.mode == "live" else {}

    async def _look(self, post: Post, remote_id: str, until: Until) -> Outcome:
        answer = await self._ask("GET", quote(remote_id, safe=""), until, query={"fields": _READ_FIELDS})
        if isinstance(answer, Outcome):
            return replace(answer, fact=Fact.ABSENT) if answer.reason is Reason.GONE else answer
        shown = answer.read(Shown)
        if shown is None or not self._is_ours(shown.id):
            return answer.unproven("without a post of our Page")
        url = self._address(shown.id, shown.permalink_url)
        seen = answer.outcome(Fact.DONE, Reason.NONE, remote_id=remote_id, url=url, public=shown.is_published)
        return compared(seen, post.words, shown.words)

    async def _change(self, step: Step, post: Post, remote_id: str, until: Until) -> Outcome:
        path = quote(remote_id, safe="")
        if step is Step.WITHDRAW:
            answer = await self._ask("DELETE", path, until)
        else:
            form = {"is_published": "true"} if step is Step.PUBLISH else {"message": post.words}
            answer = await self._ask("POST", path, until, form=form)
        if isinstance(answer, Outcome):
            gone = step is Step.WITHDRAW and answer.reason is Reason.GONE
            return replace(answer, fact=Fact.DONE) if gone else answer
        done = answer.read(_Success)
        if done is None or not done.success:
            return answer.unproven("without success")
        return answer.outcome(Fact.DONE, Reason.NONE, remote_id=remote_id)

    async def _search(self, post: Post, until: Until) -> Outcome:
        """Look for the mark among what is published."""
        reading = await self._read("published_posts", _LIST_FIELDS, post, until)
        seen = [shown for shown in reading.posts if self._is_ours(shown.id) and is_found(shown, post)]
        if seen:
            return self._best(seen, post)
        if reading.broken:
            return reading.broken
        return _UNREAD if reading.unread else Outcome(Fact.ABSENT, detail="the mark is in none of the posts shown")

    async def _sweep(self, post: Post, until: Until) -> Outcome:
        """Take away every spare copy; what is spare is decided on one whole reading, before anything is removed."""
        reading = await self._read("feed", _SWEEP_FIELDS, post, until)
        if reading.broken:
            return reading.broken
        spare = spares(reading.posts, post, self._settings.page_id, self._settings.app_id)
        taken = dict.fromkeys((*spare.copies, *spare.drafts), False)
        for spare_id in taken:
            gone = await self._change(Step.WITHDRAW, post, spare_id, until)
            if gone.fact is not Fact.DONE:
                return replace(gone, remote_id=None, others=_swept(taken, spare).others)
            taken[spare_id] = gone.reason is not Reason.GONE
        if reading.unread:
            return replace(_UNREAD, others=_swept(taken, spare).others)
        return _swept(taken, spare)

    async def _read(self, edge: str, fields: str, post: Post, until: Until) -> Reading:
        """Read a list, newest first as a rule, back to the message's beginning: a thousand posts at most."""
        oldest, after, seen = earliest(post), "", dict[str, Shown]()  # a list that moves shows a post twice
        for _ in range(_PAGES_MAX):
            page = await self._page(edge, fields, after, until)
            if isinstance(page, Outcome):
                return Reading(tuple(seen.values()), broken=page)
            seen |= {shown.id: shown for shown in page.data}
            all_older = bool(page.data) and all(shown.at(oldest) < oldest for shown in page.data)
            if all_older or page.is_last:
                return Reading(tuple(seen.values()))
            if not page.after:
                break
            after = page.after
        return Reading(tuple(seen.values()), unread=True)

    async def _page(self, edge: str, fields: str, after: str, until: Until) -> Listing | Outcome:
        query = {"fields": fields, "limit": str(_PAGE_SIZE), **({"after": after} if after else {})}
        answer = await self._ask("GET", f"{self._settings.page_id}/{edge}", until, query=query, is_list=True)
        if isinstance(answer, Outcome):
            return _about_the_page(answer)
        return answer.read(Listing) or answer.unproven("without a list of posts")

    def _best(self, seen: list[Shown], post: Post) -> Outcome:
        """Return the post with our very words, or else with our mark; of several the first, the one people shared."""
        exact = [shown for shown in seen if same(post.words, shown.words)]
        best = min(exact or seen, key=lambda shown: shown.at(post.starts_at))
        others = sum(is_copy(shown, post) for shown in seen if shown is not best)
        found = Outcome(
            Fact.DONE, remote_id=best.id, url=self._address(best.id, best.permalink_url), others=others, public=True,
            detail=f"posts with the mark: {len(seen)}")  # fmt: skip
        return compared(found, post.words, best.words)

    async def _ask(
        self,
        method: Literal["GET", "POST", "DELETE"],
        path: str,
        until: Until,
        *,
        step: Step | None = None,
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        files: Files | None = None,
        is_list: bool = False,
    ) -> Answer | Outcome:
        """Return the answer only when Facebook says it did what was asked; whatever else is an outcome already.

        While Facebook has us wait, nothing is asked: the outcome is then made here, and says so.
        """
        held = self._budget.held(f"{method} {self._path(path)}", is_list=is_list)
        if held is not None:
            return held
        proof = {"appsecret_proof": self._proof}
        ask = Ask(
            method,
            self._path(path),
            query={**(query or {}), **(proof if form is None else {})},
            form=None if form is None else {**form, **proof},
            files=files,
            headers={"Authorization": f"Bearer {self._token}"},
            reads=method == "GET",
            fresh=step is Step.POST,
        )
        answer = await self._http.ask(ask, until)
        if isinstance(answer, Outcome):
            return answer
        self._checks.notice(answer)
        found = refused(answer, step)
        return (found if files else self._budget.learn(answer.headers, found)) or answer

    async def _ask_token(self, until: Until) -> Answer | Outcome:
        """Ask about our token with the app's own, which has a budget of its own."""
        bearer = {"Authorization": f"Bearer {self._app_token}"}
        query = {"input_token": self._token}
        answer = await self._http.ask(Ask("GET", self._path("debug_token"), query, headers=bearer, reads=True), until)
        if isinstance(answer, Outcome):
            return answer
        self._checks.notice(answer)
        return refused(answer) or answer

    async def _ask_page(self, edge: str, fields: str, until: Until) -> Answer | Outcome:
        path = f"{self._settings.page_id}/{edge}" if edge else self._settings.page_id
        answer = await self._ask("GET", path, until, query={"fields": fields}, is_list=True)
        return _about_the_page(answer) if isinstance(answer, Outcome) else answer

    def _path(self, rest: str) -> str:
        return f"/{self._settings.api_version}/{rest}"

    def _is_ours(self, post_id: str | None) -> bool:
        page, parted, _ = (post_id or "").partition("_")
        return bool(post_id) and (not parted or page == self._settings.page_id)

    def _address(self, post_id: str | None, permalink: str | None) -> str | None:
        base = self._settings.base_url
        given = public_address(base, permalink if permalink and "://" in permalink else None)
        if given or is_loopback_http(base):
            return given
        return f"https://www.facebook.com/{quote(post_id or '', safe='')}"


def appsecret_proof(token: str, app_secret: str) -> str:
    """Return the proof that we know the app's secret: hex HMAC-SHA256 of the token under it."""
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


#: Refusals that may be about the pictures or the preview, not about the words, the Page or the hour.
_MAYBE_WHAT_IS_BESIDE = frozenset({Reason.CONTENT, Reason.NO_DRAFTS, Reason.PERMISSION, Reason.GONE})
_UNREAD = Outcome(Fact.UNCERTAIN, Reason.SERVER, detail="there are more posts than could be read")


def _counted(made: Outcome, post: Post, album: Album) -> Outcome:
    """Say so where the words went without a picture they should have."""
    wanted = len(post.pictures) + post.left_out
    if made.fact is not Fact.DONE or len(album.ids) == wanted:
        return made
    why = "; ".join(dict.fromkeys(album.faults)) or "not at hand, or kept back after a call that ended in doubt"
    detail = f"{made.detail}, with {len(album.ids)} of {wanted} pictures: {why}"
    return replace(made, reason=Reason.NO_PICTURE, detail=detail)


def _about_the_page(found: Outcome) -> Outcome:
    """Say what it is when the Page itself "does not exist": our token may not see it. No post is gone."""
    if found.reason is not Reason.GONE:
        return found
    return replace(found, reason=Reason.PERMISSION, trouble="facebook:page")


def _swept(taken: Mapping[str, bool], spare: Spares) -> Outcome:
    """Say what a sweep came to: how many public copies and drafts it took away, and what it had to leave."""
    copies, drafts = (sum(taken[spare_id] for spare_id in ids) for ids in (spare.copies, spare.drafts))
    if spare.left:
        detail = f"took away drafts: {drafts}; public copies left, as ours was not seen public: {spare.left}"
        return Outcome(Fact.UNCERTAIN, detail=detail)
    if not taken:
        return Outcome(Fact.ABSENT, detail="nothing else of ours bears the mark")
    return Outcome(Fact.DONE, others=copies, detail=f"took away drafts: {drafts}, public copies: {copies}")
