"""
Whether a post would go out on the Page tonight: what Facebook says of our token, of the Page, and of itself.

    the token        every three minutes, with the app's own token, which costs the Page nothing
    the Page         once an hour and only below 80 % of its budget: published? what waits in Meta's own scheduler?
    the scheduler    every three minutes, within the same budget, while a live incident is open
    in passing       from the head of every answer: version, clock, budget; costs nothing
    the 90-day rule  Facebook takes back what was not used for 90 days; when that was, `last_used` tells

One thing cannot be found out: whether the app is live. Facebook has no field for it, and an app in development answers
exactly alike, while only people with a role on the app see its posts. So that is a note, not a colour.
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from pydantic import BaseModel, StrictBool

from broadcaster.channels import Fact, Outcome, Preflight, Reason, Step
from broadcaster.channels._graph_words import TROUBLES
from broadcaster.channels._http import PREFLIGHT_TIMEOUT_S, Answer, Clock, Seconds, Until, deadline
from broadcaster.channels._page_plans import Planning
from broadcaster.channels._page_posts import CLOCK_SKEW, REACH_BACK
from broadcaster.channels._page_usage import SPARING_PERCENT, Budget
from broadcaster.channels._problems import Problem, amber, red, summed_up
from broadcaster.channels._token_health import Token, TokenAnswer, problems_of
from broadcaster.settings import Facebook, is_loopback_http

#: When each step last succeeded for real on this channel, by the record of attempts.
LastUsed = Callable[[], Awaitable[Mapping[str, datetime]]]
#: Whether a live incident is open, when nothing planned should go out unseen.
Frozen = Callable[[], Awaitable[bool]]
#: Asks about our token with the app's.
AskToken = Callable[[Until], Awaitable[Answer | Outcome]]
#: Asks the Page (edge empty) or one of its lists for the fields named.
AskPage = Callable[[str, str, Until], Awaitable[Answer | Outcome]]

TOKEN_AGE_S = 170.0  #: a little under the worker's three minutes; what is not green is asked for far more often
PAGE_AGE_S = 3600.0
SKEW_SOON = timedelta(seconds=60)
VERSION_SOON = timedelta(days=60)
PLANS_AGE_S = 170.0  #: while a live incident is open
#: Meta's changelog of July 2026. What is not here is alive, or not known.
LIVES_UNTIL: Mapping[str, date] = {
    "v20.0": date(2026, 9, 24),
    "v21.0": date(2027, 1, 21),
    "v22.0": date(2027, 5, 20),
    "v23.0": date(2027, 10, 8),
    "v24.0": date(2028, 2, 18),
    "v25.0": date(2028, 7, 29),
}
UNUSED_AFTER = timedelta(days=90)
UNUSED_SOON = timedelta(days=76)  #: two weeks before
_USED_BY: Mapping[str, tuple[Step, ...]] = {
    "pages_manage_posts": (Step.DRAFT, Step.PUBLISH, Step.POST, Step.EDIT, Step.WITHDRAW),
    "pages_read_engagement": (Step.LOOK, Step.SEARCH, Step.SWEEP),
}
NOTE = (
    "Facebook does not tell whether the app is live. In development mode everything works, but only people with a "
    "role on the app see the posts: look at App Mode in Meta's dashboard, and at one post while signed out."
)


class _Page(BaseModel):
    id: str
    is_published: StrictBool | None = None


class PageChecks:
    """Everything a preflight of one Page knows, kept between its rounds."""

    def __init__(
        self, settings: Facebook, ask_token: AskToken, ask_page: AskPage, budget: Budget, *,
        zone: ZoneInfo, clock: Clock, seconds: Seconds, last_used: LastUsed | None, frozen: Frozen | None = None
    ) -> None:  # fmt: skip
        self._ask_token, self._ask_page, self._budget = ask_token, ask_page, budget
        self._settings, self._zone = settings, zone
        self._clock, self._seconds, self._last_used = clock, seconds, last_used
        self._frozen = frozen
        self._compares_clocks = not is_loopback_http(settings.base_url)  # an imitation's time may be another on purpose
        self._answered_as: str | None = None
        self._skew = timedelta(0)
        self._token: Token | None = None
        self._token_due = self._page_due = self._plans_due = seconds()
        self._token_found: list[Problem] = []
        self._page_found: list[Problem] = []
        self._planned: Planning | None = None
        self._planned_at: datetime | None = None
        self._read_at: datetime | None = None
        self._used: Mapping[str, datetime] = {}

    def notice(self, answer: Answer) -> None:
        """Take from the head of any answer which version answered and how late it is at Facebook."""
        said = answer.headers.get("facebook-api-version", "")
        self._answered_as = said if re.fullmatch(r"v[0-9]{1,3}\.[0-9]{1,3}", said) else self._answered_as
        try:
            at = parsedate_to_datetime(answer.headers["date"]) if self._compares_clocks else None
        except (KeyError, ValueError, TypeError, OverflowError, IndexError):
            return
        if at is not None:
            self._skew = answer.at - (at if at.tzinfo else at.replace(tzinfo=UTC))

    async def look(self) -> Preflight:
        """Ask what is due, and say all that is known."""
        until = deadline(PREFLIGHT_TIMEOUT_S)
        if self._seconds() >= self._token_due:
            await self._look_at_token(until)
        reachable = self._token is not None and self._token.is_valid
        if reachable and self._seconds() >= self._page_due and not self._budget.is_sparing:
            await self._look_at_page(until)
        elif reachable and await self._are_plans_due():
            await self._look_at_plans(until)
        found = [*self._token_found, *self._clocks(), *self._versions(), *self._budgets()]
        if reachable:
            found += [*self._page_found, *self._planning(), *self._resting()]
        plans = self._planned.kept(self._planned_at) if self._planned and self._planned_at else None
        return replace(summed_up(found, (NOTE,)), plans=plans)

    async def _look_at_token(self, until: Until) -> None:
        answer = await self._ask_token(until)
        if isinstance(answer, Outcome):
            self._token, self._token_found = None, [_unanswered(answer)]
            self._token_due = self._seconds() + (TOKEN_AGE_S if answer.fact is Fact.REFUSED else 0)
            return
        self._token_due = self._seconds() + TOKEN_AGE_S
        read = answer.read(TokenAnswer)
        self._token, ours = (read.data if read else None), self._settings
        self._token_found = (
            problems_of(self._token, ours.page_id, self._clock(), ours.app_id) if self._token else [_UNREADABLE]
        )

    async def _look_at_page(self, until: Until) -> None:
        """Read what the Page says of itself. What fails without Facebook saying no is asked again next time."""
        if self._last_used is not None:
            self._used = await self._last_used()
        page = await self._ask_page("", "id,is_published", until)
        self._planned = self._planned_at = None
        plans = _SPARED if self._budget.is_sparing else await self._look_at_plans(until)
        told = [one for one in (page, plans) if isinstance(one, Outcome)]
        self._page_found = list({problem.text: problem for one in told for problem in _not_read(one)}.values())
        shown = page.read(_Page) if isinstance(page, Answer) else None
        if shown is not None:
            self._read_at = self._clock()
            if shown.is_published is False:
                self._page_found.append(_HIDDEN)
        unknown = [one for one in told if one.fact is not Fact.REFUSED]
        self._page_due = self._seconds() + (TOKEN_AGE_S if unknown else PAGE_AGE_S)

    async def _are_plans_due(self) -> bool:
        if self._frozen is None or self._seconds() < self._plans_due or self._budget.is_sparing:
            return False
        return await self._frozen()

    async def _look_at_plans(self, until: Until) -> Answer | Outcome:
        """Read what waits in the scheduler; what was read before stays where this fails."""
        self._plans_due = self._seconds() + PLANS_AGE_S
        answer = await self._ask_page("scheduled_posts", "id,message,scheduled_publish_time", until)
        read = answer.read(Planning) if isinstance(answer, Answer) else None
        if read is not None:
            self._planned, self._planned_at = read, self._clock()
        return answer

    def _clocks(self) -> Iterator[Problem]:
        seconds = round(abs(self._skew.total_seconds()))
        if abs(self._skew) < SKEW_SOON:
            return
        sv, en = ("före", "ahead of") if self._skew > timedelta(0) else ("efter", "behind")
        if self._skew >= REACH_BACK:  # a post made now then seems older than its message; the other way is harmless
            yield red(
                f"Serverns klocka går {seconds} sekunder {sv} Facebooks. Då kan vi inte hitta våra egna inlägg, "
                "och samma inlägg kan komma ut två gånger. Ställ klockan: slå på tidssynkronisering.",
                f"The server's clock is {seconds} seconds {en} Facebook's. We then cannot find our own posts, "
                "and the same post may come out twice. Set the clock: turn time synchronisation on.",
            )
        elif abs(self._skew) >= CLOCK_SKEW:
            yield red(
                f"Serverns klocka går {seconds} sekunder {sv} Facebooks, så fel klockslag står i det vi publicerar. "
                "Ställ klockan: slå på tidssynkronisering.",
                f"The server's clock is {seconds} seconds {en} Facebook's, so what we publish says the wrong time. "
                "Set the clock: turn time synchronisation on.",
            )
        else:
            yield amber(
                f"Serverns klocka går {seconds} sekunder {sv} Facebooks. Slå på tidssynkronisering.",
                f"The server's clock is {seconds} seconds {en} Facebook's. Turn time synchronisation on.",
            )

    def _versions(self) -> Iterator[Problem]:
        asked, got = self._settings.api_version, self._answered_as
        if got is not None and got != asked:
            sv, en = _until(LIVES_UNTIL.get(got))
            yield amber(
                f"Vi frågar efter {asked}, men Facebook svarar som {got}{sv}. Den vi frågar efter finns inte längre. "
                f"Sätt api_version till {got} eller nyare, och öva en gång mot Facebook.",
                f"We ask for {asked}, but Facebook answers as {got}{en}. What we ask for is no longer there. "
                f"Set api_version to {got} or newer, and rehearse once against Facebook.",
            )
            return
        ends = LIVES_UNTIL.get(asked)
        if ends is not None and self._clock().date() >= ends - VERSION_SOON:
            yield amber(
                f"Facebooks version {asked} gäller till {ends}. Sätt api_version till en nyare före dess.",
                f"Facebook's version {asked} lives until {ends}. Set api_version to a newer one before that.",
            )

    def _budgets(self) -> Iterator[Problem]:
        left_s, percent = self._budget.left_s, self._budget.percent
        if left_s > 0:
            minutes = max(1, round(left_s / 60))
            yield red(
                f"Facebook tar inte emot anrop om sidan på ungefär {minutes} minuter. Besked väntar och skickas "
                "sedan. Brådskar det: använd de andra kanalerna. Händer det ofta: se efter vad mer som använder appen.",
                f"Facebook takes no calls about the Page for about {minutes} minutes. Messages wait and are sent "
                "then. If it is urgent: use the other channels. If it happens often: see what else uses the app.",
            )
        elif percent >= SPARING_PERCENT:
            yield amber(
                f"{percent:.0f} procent av sidans utrymme för anrop är använt. Vi frågar bara det nödvändigaste. "
                "Händer det ofta: se efter vad mer som använder appen.",
                f"{percent:.0f} per cent of the Page's budget of calls is used. We only ask what is necessary. "
                "If it happens often: see what else uses the app.",
            )

    def _planning(self) -> Iterator[Problem]:
        if self._planned is not None:
            yield from self._planned.told(self._clock(), self._zone)

    def _resting(self) -> Iterator[Problem]:
        """Yield what nobody used for long. A permission counts as used when the token was made: it was given then."""
        if self._last_used is None or self._token is None:
            return
        given = datetime.fromtimestamp(self._token.issued_at, UTC) if self._token.issued_at else None
        for permission, steps in _USED_BY.items():
            ours = [self._used.get(str(step)) for step in steps]
            read = self._read_at if permission == "pages_read_engagement" else None
            last = max((at for at in (*ours, read, given) if at is not None), default=None)
            rests = self._clock() - last if last else timedelta(0)
            if rests >= UNUSED_SOON:
                yield _rests(permission, rests)


def _rests(permission: str, rests: timedelta) -> Problem:
    gone = rests >= UNUSED_AFTER
    sv = "Den kan redan vara indragen: ge appen den på nytt." if gone else "Publicera något härifrån före dess."
    en = "It may be gone already: give it to the app again." if gone else "Publish something from here before then."
    return amber(
        f"Behörigheten {permission} har inte använts på {rests.days} dagar. Facebook drar in den som vilar i 90. {sv}",
        f"The permission {permission} has not been used for {rests.days} days. Facebook withdraws it after 90. {en}",
    )


_UNREADABLE = amber(
    "Facebook svarade inte begripligt om vår nyckel. Vi frågar igen.",
    "Facebook's answer about our key made no sense. We ask again.",
)
_SPARED = Outcome(Fact.NOT_SENT, Reason.RATE)
_HIDDEN = red(
    "Sidan är inte publicerad: ingen ser inläggen. Publicera sidan i dess inställningar på Facebook.",
    "The Page is not published: nobody sees its posts. Publish the Page in its settings on Facebook.",
)


def _unanswered(got: Outcome) -> Problem:
    if got.reason in (Reason.TOKEN, Reason.CONTENT, Reason.PERMISSION):
        return red(
            "Facebook godtar inte appens id och hemlighet. Kontrollera båda.",
            "Facebook does not accept the app's id and secret. Check both.",
        )
    if got.reason is Reason.RATE:
        return amber(
            "Facebook ber oss fråga mer sällan. Publicering kan bli fördröjd.",
            "Facebook asks us to ask less often. Publishing may be delayed.",
        )
    return red(
        "Facebook går inte att nå härifrån. Besked skickas när det går igen.",
        "Facebook cannot be reached from here. Messages are sent when it can be reached again.",
    )


def _not_read(got: Outcome) -> Iterator[Problem]:
    """Yield why the Page could not be read, where Facebook said no; a limit says so by itself."""
    known = TROUBLES.get(got.trouble or "")
    if got.fact is not Fact.REFUSED or got.reason is Reason.RATE:
        return
    state = red if got.reason in (Reason.TOKEN, Reason.PERMISSION, Reason.BLOCKED) else amber
    why = known.at_rest if known else None
    yield state(
        f"Sidan går inte att läsa: {why.sv if why else 'Facebook nekar utan en orsak vi känner till.'}",
        f"The Page cannot be read: {why.en if why else 'Facebook refuses for a reason we do not know.'}",
    )


def _until(ends: date | None) -> tuple[str, str]:
    return (f" (gäller till {ends})", f" (lives until {ends})") if ends else ("", "")
