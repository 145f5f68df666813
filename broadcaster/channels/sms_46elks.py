"""
SMS to a small list by 46elks. One call for each number; 46elks has no key against doing a thing twice, so what is
uncertain is never repeated by the channel.

    what happened                                                        fact        reason
    200 with the id of the SMS                                           DONE        (accepted; nobody has read it yet)
    200 with an id that failed at once, 400: the number or the sender    REFUSED     GONE
    401                                                                  REFUSED     TOKEN
    402 403: no credit, or not allowed                                   REFUSED     PERMISSION
    429                                                                  REFUSED     RATE, with a wait
    longer than the settings allow: nobody is asked                      REFUSED     CONTENT
    everything else                                                      as in `_http`: not sent, or uncertain

Source: 46elks' own documentation of `POST /a1/sms` and `GET /a1/me`.
"""

from typing import Any, Literal

import httpx
from pydantic import BaseModel, Field, model_validator

from broadcaster import gsm7
from broadcaster.channels import Fact, Outcome, Post, Preflight, Reason, Step, Way, limit_of
from broadcaster.channels._http import PREFLIGHT_TIMEOUT_S, Answer, Ask, Http, Until, deadline, judge
from broadcaster.channels._problems import Problem, amber, red, summed_up
from broadcaster.elks import BASE_URL, Sms, form, proof
from broadcaster.elks import Fact as ElksFact
from broadcaster.errors import Text
from broadcaster.kinds import Kind, Tools
from broadcaster.letter_settings import RECIPIENTS_MAX, ByTelephone, drill_recipients, each_once
from broadcaster.roster import SmsSender
from broadcaster.settings import Outside

KEY = "sms"
#: 46elks counts in ten-thousandths of a krona; a part within Sweden costs about 35 öre.
_UNITS, _PART_COST = 10_000, 3_500


class SmsSettings(Outside):
    """An account at 46elks, and whose telephones it reaches."""

    kind: Literal["sms_46elks"]
    base_url: str = BASE_URL
    user: str = Field(min_length=1, max_length=120, pattern=r"^[^:\x00-\x1f]+$")
    sender: SmsSender
    parts_max: int = Field(4, ge=1, le=10)  #: a text of more parts is not sent; each part is paid for each recipient
    recipients: tuple[ByTelephone, ...] = Field(min_length=1, max_length=RECIPIENTS_MAX)

    @model_validator(mode="after")
    def _nobody_twice(self) -> "SmsSettings":
        each_once(self.recipients)
        return self


class _Account(BaseModel):
    id: str
    currency: str | None = None
    balance: int | None = None


class Sms46elks:
    """One list of telephones."""

    kind = "sms_46elks"
    way: Way = "letter"

    def __init__(self, key: str, settings: SmsSettings, tools: Tools) -> None:
        self.key = key
        self._settings = settings
        self._numbers = {one.name: one.number for one in settings.recipients}
        password = tools.secret("PASSWORD")
        basic = httpx.BasicAuth(settings.user, password)
        self._authorization = next(basic.auth_flow(httpx.Request("GET", settings.base_url))).headers["authorization"]
        secrets = (password, self._authorization.removeprefix("Basic "), *self._numbers.values())
        connect, sleep, clock = tools.connect, tools.sleep, tools.clock
        self._http = Http(settings.base_url, connect=connect, sleep=sleep, clock=clock, secrets=secrets)

    async def call(self, step: Step, post: Post, timeout_s: float) -> Outcome:
        """Ask for one SMS. Raises `NotImplementedError` for what cannot be done to an SMS."""
        if step is not Step.SEND or post.letter is None:
            raise NotImplementedError(f"{step}: an SMS is sent, to one recipient, and that is all")
        number, text = self._numbers.get(post.letter.recipient), written(post.words)
        if number is None:
            return Outcome(Fact.REFUSED, Reason.GONE, detail="nobody of that name is in the settings any more")
        if gsm7.parts(text) > self._settings.parts_max:
            why = f"{gsm7.parts(text)} parts, and parts_max is {self._settings.parts_max}"
            return Outcome(Fact.REFUSED, Reason.CONTENT, detail=why)
        asked = Ask("POST", "/a1/sms", form=form(Sms(self._settings.sender, number, text)), fresh=True)
        answer = await self._ask(asked, deadline(timeout_s))
        return answer if isinstance(answer, Outcome) else _taken(answer)

    async def preflight(self) -> Preflight:
        """Read the account: it is there, it takes our password, and it has credit for one whole list."""
        answer = await self._ask(Ask("GET", "/a1/me", reads=True), deadline(PREFLIGHT_TIMEOUT_S))
        if isinstance(answer, Outcome):
            return summed_up([_trouble(answer)])
        account = answer.read(_Account)
        if account is None:
            return summed_up([_NO_ELKS])
        wanted = len(self._numbers) * self._settings.parts_max * _PART_COST
        low = account.balance is not None and account.balance < wanted
        return summed_up([_low(account.balance or 0, wanted)] if low else [])

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()

    async def _ask(self, ask: Ask, until: Until) -> Answer | Outcome:
        """Return an answer only where the status says done."""
        headers = {"Authorization": self._authorization}
        answer = await self._http.ask(Ask(ask.method, ask.path, form=ask.form, headers=headers, reads=ask.reads,
                                          fresh=ask.fresh), until)  # fmt: skip
        if isinstance(answer, Outcome):
            return answer
        if answer.status == 400:
            return answer.outcome(Fact.REFUSED, Reason.GONE, "the number or the sender is not accepted")
        if answer.status == 402:
            return answer.outcome(Fact.REFUSED, Reason.PERMISSION, "no credit")
        return judge(answer) or answer


def written(words: str) -> str:
    """Return the approved words as they are sent: in the alphabet of an SMS where each character has a neighbour there.

    A long dash becomes a short one, which halves the price. Other alphabets (Arabic) go as they are.
    """
    near = gsm7.plain(words)
    return near if near.count("?") == words.count("?") else words


def _taken(answer: Answer) -> Outcome:
    sent = proof(answer.status, answer.body)
    if sent.fact is ElksFact.SENT:
        return answer.outcome(Fact.DONE, Reason.NONE, remote_id=sent.id)
    if sent.fact is ElksFact.FAILED:
        return answer.outcome(Fact.REFUSED, Reason.GONE, "failed at once")
    return answer.unproven("without an id")


_NO_ELKS = red(
    "Något annat än 46elks svarar på adressen. Kontrollera base_url.",
    "Something else than 46elks answers at that address. Check base_url.",
)


def _low(balance: int, wanted: int) -> Problem:
    have, need = f"{balance / _UNITS:.2f}", f"{wanted / _UNITS:.2f}"
    return (red if balance < _PART_COST else amber)(
        f"Saldot hos 46elks är {have.replace('.', ',')} kr, och ett utskick till alla kan kosta "
        f"{need.replace('.', ',')} kr. Fyll på kontot.",
        f"The balance at 46elks is SEK {have}, and one message to everybody may cost SEK {need}. Top it up.",
    )


def _trouble(outcome: Outcome) -> Problem:
    if outcome.reason in (Reason.TOKEN, Reason.PERMISSION):
        return red(
            "46elks godtar inte vårt användarnamn och lösenord. Hämta nya på kontots sida och starta om tjänsten.",
            "46elks does not accept our user name and password. Get new ones from the account's page and restart.",
        )
    if outcome.reason is Reason.RATE:
        return amber(
            "46elks svarar men tar inte emot något just nu. Vi frågar igen.",
            "46elks answers but takes nothing right now. We ask again.",
        )
    if outcome.fact is Fact.REFUSED:
        return _NO_ELKS
    return red(
        "46elks går inte att nå. Alla sms väntar och skickas när 46elks svarar. Kontrollera brandväggen.",
        "46elks cannot be reached. All SMS wait and are sent when it answers. Check the firewall.",
    )


def _open(key: str, settings: Any, tools: Tools) -> Sms46elks:
    return Sms46elks(key, settings, tools)


KIND = Kind(
    name="sms_46elks",
    settings=SmsSettings,
    way="letter",
    open=_open,
    secrets={"PASSWORD": "elkspass"},
    imitation="elks",
    drill={
        "user": "elksuser",
        "sender": "Ovning",
        # Numbers that PTS keeps free for fiction: nobody has them.
        "recipients": drill_recipients("number", "+4670174061{}"),
    },
    keeps=frozenset({"parts_max"}),
    names={KEY: Text("Sms", "SMS")},
    limit=limit_of(KEY),
)
