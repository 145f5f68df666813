"""What Facebook says about our token (`debug_token`), as warnings an editor can act on."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, Field

from broadcaster.channels import Preflight
from broadcaster.channels._graph_words import TROUBLES, name_of
from broadcaster.channels._problems import Problem, amber, red, summed_up

#: Without these no post can be made; `pages_show_list` only hurts whoever renews the token.
NEEDED = ("pages_manage_posts", "pages_read_engagement")
WANTED = ("pages_show_list",)
SOON = timedelta(days=14)  #: long enough to find a person who may renew it

_Seconds = Annotated[float, Field(ge=0, le=32_503_680_000)]
_Code = Annotated[int, Field(ge=-(2**31), lt=2**31)]


class _Granted(BaseModel):
    scope: str
    target_ids: list[str] | None = None


class _Why(BaseModel):
    """Why a token is dead, where it says."""

    code: _Code = 190
    subcode: _Code | None = None


class Token(BaseModel):
    """The token as Facebook knows it. Times are unix seconds; 0 is never."""

    is_valid: bool = False
    type: str | None = None
    app_id: str | None = None
    profile_id: str | None = None
    issued_at: _Seconds = 0
    expires_at: _Seconds = 0
    data_access_expires_at: _Seconds = 0
    scopes: list[str] = []
    granular_scopes: list[_Granted] = []
    error: _Why | None = None


class TokenAnswer(BaseModel):
    data: Token


def token_problems(token: Token, page_id: str, now: datetime, app_id: str | None = None) -> Preflight:
    """Return green, or what is wrong: red where a post would fail today, amber where it soon would."""
    return summed_up(problems_of(token, page_id, now, app_id))


def problems_of(token: Token, page_id: str, now: datetime, app_id: str | None = None) -> list[Problem]:
    """Return everything that is wrong with the token, each with what to do. `app_id` None: any app will do."""
    if not token.is_valid:
        return [_dead(token)]
    return [*_wrong_kind(token, page_id), *_wrong_app(token, app_id), *_missing(token, page_id), *_ending(token, now)]


def _dead(token: Token) -> Problem:
    why = TROUBLES.get(name_of(token.error.code, token.error.subcode) or "") if token.error else None
    sv, en = (f" Facebook: {why.at_rest.sv}", f" Facebook: {why.at_rest.en}") if why else ("", "")
    return red(
        f"Nyckeln till Facebook gäller inte längre. Skapa en ny och lägg in den.{sv}",
        f"The key to Facebook is no longer valid. Create a new one and install it.{en}",
    )


def _wrong_kind(token: Token, page_id: str) -> Iterator[Problem]:
    if token.type is not None and token.type != "PAGE":
        kind = token.type if token.type.isalpha() or token.type.replace("_", "").isalpha() else "?"
        yield red(
            f"Nyckeln är av sorten {kind}, inte en sidas. Hämta sidans egen nyckel med den, och lägg in sidans.",
            f"The key is of the kind {kind}, not a Page's. Get the Page's own key with it, and install that one.",
        )
    elif token.profile_id != page_id:
        yield red(
            f"Nyckeln hör inte till sidan {page_id}. Skapa en nyckel för rätt sida.",
            f"The key does not belong to the Page {page_id}. Create a key for the right Page.",
        )


def _wrong_app(token: Token, app_id: str | None) -> Iterator[Problem]:
    if None not in (app_id, token.app_id) and token.app_id != app_id:
        yield red(
            f"Nyckeln är skapad för en annan app än {app_id}. Skapa nyckeln för den appen, eller rätta app_id.",
            f"The key was made for another app than {app_id}. Create the key for that app, or correct app_id.",
        )


def _missing(token: Token, page_id: str) -> Iterator[Problem]:
    targets = {granted.scope: granted.target_ids for granted in token.granular_scopes}
    lacking = [scope for scope in NEEDED if scope not in token.scopes]
    elsewhere = [scope for scope in NEEDED
                 if scope in token.scopes and page_id not in (targets.get(scope) or [page_id])]  # fmt: skip
    if lacking:
        yield red(
            f"Nyckeln får inte publicera: behörigheten {', '.join(lacking)} saknas. Ge appen den på nytt.",
            f"The key may not publish: the permission {', '.join(lacking)} is missing. Give it to the app again.",
        )
    if elsewhere:
        yield red(
            f"Nyckeln får inte publicera här: {', '.join(elsewhere)} gäller andra sidor. Kryssa i den här sidan också.",
            f"The key may not publish here: {', '.join(elsewhere)} is for other Pages. Tick this Page too.",
        )
    if any(scope not in token.scopes for scope in WANTED):
        yield amber(
            f"Nyckeln saknar behörigheten {', '.join(WANTED)}. Lägg till den när nyckeln förnyas.",
            f"The key lacks the permission {', '.join(WANTED)}. Add it when the key is renewed.",
        )


def _ending(token: Token, now: datetime) -> Iterator[Problem]:
    kinds = ((token.expires_at, "Nyckeln", "The key"), (token.data_access_expires_at, "Dataåtkomsten", "Data access"))
    for at, sv, en in kinds:
        left_s = at - now.timestamp()
        if at and left_s <= 0:
            yield red(
                f"{sv} till Facebook har gått ut. Skapa en ny nyckel och lägg in den.",
                f"{en} to Facebook has run out. Create a new key and install it.",
            )
        elif at and left_s < SOON.total_seconds():
            days = int(left_s // 86_400)
            yield amber(
                f"{sv} till Facebook går ut om {days} dygn. Förnya nyckeln i tid.",
                f"{en} to Facebook runs out in {days} days. Renew the key in time.",
            )
