"""What Facebook says about our token (`debug_token`), as warnings an editor can act on."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from broadcaster.channels import Preflight

#: Without these no post can be made; `pages_show_list` only hurts whoever renews the token.
NEEDED = ("pages_manage_posts", "pages_read_engagement")
WANTED = ("pages_show_list",)
SOON = timedelta(days=14)  #: long enough to find a person who may renew it

_Seconds = Annotated[float, Field(ge=0, le=32_503_680_000)]


class _Granted(BaseModel):
    scope: str
    target_ids: list[str] | None = None


class Token(BaseModel):
    """The token as Facebook knows it. Times are unix seconds; 0 is never."""

    is_valid: bool = False
    profile_id: str | None = None
    expires_at: _Seconds = 0
    data_access_expires_at: _Seconds = 0
    scopes: list[str] = []
    granular_scopes: list[_Granted] = []


class TokenAnswer(BaseModel):
    data: Token


def token_problems(token: Token, page_id: str, now: datetime) -> Preflight:
    """Return green, or what is wrong: red where a post would fail today, amber where it soon would."""
    if not token.is_valid:
        return Preflight("red", ("Nyckeln till Facebook gäller inte längre. Skapa en ny och lägg in den.",))
    red = [*_wrong_page(token, page_id), *_missing(token, page_id)]
    amber = [*_ending(token, now)]
    if any(scope not in token.scopes for scope in WANTED):
        amber.append(f"Nyckeln saknar behörigheten {', '.join(WANTED)}. Lägg till den när nyckeln förnyas.")
    for at, red_text in ((token.expires_at, "Nyckeln"), (token.data_access_expires_at, "Dataåtkomsten")):
        if at and at <= now.timestamp():
            red.append(f"{red_text} till Facebook har gått ut. Skapa en ny nyckel och lägg in den.")
    state: Literal["green", "amber", "red"] = "red" if red else "amber" if amber else "green"
    return Preflight(state, (*red, *amber))


def _wrong_page(token: Token, page_id: str) -> list[str]:
    if token.profile_id == page_id:
        return []
    return [f"Nyckeln hör inte till sidan {page_id}. Skapa en nyckel för rätt sida."]


def _missing(token: Token, page_id: str) -> list[str]:
    targets = {granted.scope: granted.target_ids for granted in token.granular_scopes}
    lacking = [scope for scope in NEEDED
               if scope not in token.scopes or page_id not in (targets.get(scope) or [page_id])]  # fmt: skip
    if not lacking:
        return []
    return [f"Nyckeln får inte publicera: behörigheten {', '.join(lacking)} saknas. Ge appen den på nytt."]


def _ending(token: Token, now: datetime) -> list[str]:
    texts = []
    for at, what in ((token.expires_at, "Nyckeln"), (token.data_access_expires_at, "Dataåtkomsten")):
        left_s = at - now.timestamp()
        if at and 0 < left_s < SOON.total_seconds():
            days = int(left_s // 86_400)
            texts.append(f"{what} till Facebook går ut om {days} dygn. Förnya nyckeln i tid.")
    return texts
