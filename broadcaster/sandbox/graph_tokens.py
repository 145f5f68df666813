"""Tokens of the imitated Facebook: who stands behind them, what they are good for, and where they come from.

`PAGETOK` is the Page's, `USERTOK` the person's it came from, `SYSTOK` a system user's, and one is the app's own. A
person's and a system user's token open the person, not the Page: the Page's own has to be fetched with them.
"""

import hashlib
import hmac

from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox.exchange import JsonObject
from broadcaster.sandbox.graph_call import Call, Holder
from broadcaster.sandbox.graph_catalogue import refusal
from broadcaster.sandbox.graph_conditions import Conditions
from broadcaster.sandbox.graph_errors import GraphError
from broadcaster.sandbox.script import PAGE_ID

APP_ID = "4711"
APP_NAME = "Krisutskick"
APP_SECRET = "s3cr3t"  # published on purpose, as are the tokens: they open nothing but this imitation
PAGE_TOKEN, USER_TOKEN, SYSTEM_USER_TOKEN = "PAGETOK", "USERTOK", "SYSTOK"
APP_TOKEN = f"{APP_ID}|{APP_SECRET}"
USER_ID, SYSTEM_USER_ID = "1220001", "1220002"
LONG_LIVED_S = 5_183_944

NOBODY = Holder("nobody", "")
_APP = Holder("app", APP_ID)
_BY_KIND = {"page": Holder("page", PAGE_ID), "user": Holder("user", USER_ID),
            "system_user": Holder("system_user", SYSTEM_USER_ID)}
_OWN = ("debug_token", "subscriptions")
"""Last words of the addresses that are the app's own business."""
_OPEN = (("oauth", "access_token"),)


def holder(call: Call) -> Holder:
    """Return who is calling; raise GraphError unless the token is good for this call and the proof with it is right."""
    token, conditions = call.token, call.conditions
    if call.path in _OPEN:
        return NOBODY
    if not token:
        raise errors.no_token()
    found = _held(token, conditions)
    if found is None or (found is _APP and call.path[-1:] not in [(name,) for name in _OWN]):
        raise errors.wrong_token()
    _check_state(call, token)
    _check_proof(call, required=conditions.proof_required and found is not _APP)
    return found


def as_page(call: Call, *, published: bool = True) -> None:
    """Raise GraphError (200 for what is not to be published, 190/2069032 else) unless the Page itself is calling."""
    if call.holder.kind != "page":
        raise errors.not_as_page() if not published else page_token_needed()


def page_token_needed() -> GraphError:
    """Return 190/2069032: a person's token where only the Page's will do."""
    return refusal("190/2069032", "", "")


def debug(call: Call, _: str) -> JsonObject:
    """Answer `GET /debug_token`: what Facebook knows of a token. One that is dead is told of with HTTP 200."""
    asked = str(call.parameters.get("input_token") or "")
    if not asked:
        raise errors.invalid("The parameter input_token is required")
    found, conditions = _held(asked, call.conditions), call.conditions
    if found is None:
        return {"data": {"is_valid": False, "scopes": [], "error": _problem(467, "Invalid OAuth access token.")}}
    if found is _APP:
        return {"data": {"app_id": APP_ID, "type": "APP", "application": APP_NAME, "is_valid": True, "scopes": []}}
    dead = _dead(call, asked)
    scopes = conditions.scopes
    answer: JsonObject = {
        "app_id": APP_ID, "type": found.kind.upper(), "application": APP_NAME, "is_valid": dead is None,
        "issued_at": int(conditions.issued_at), "expires_at": int(conditions.expires_at),
        "data_access_expires_at": int(conditions.data_access_expires_at),
        "user_id": USER_ID if found.kind == "page" else found.id, "scopes": list(scopes),
        "granular_scopes": [{"scope": scope, "target_ids": list(conditions.granular.get(scope, (PAGE_ID,)))}
                            for scope in scopes]}
    if found.kind == "page":
        answer["profile_id"] = PAGE_ID
    if dead is not None:
        answer["error"] = _problem(dead.subcode, dead.message)
    return {"data": answer}


def exchange(call: Call, _: str) -> JsonObject:
    """Answer `GET /oauth/access_token`: the app's own token, or a long-lived one for a person's."""
    given = call.parameters
    if str(given.get("client_id", "")) != APP_ID:
        raise errors.unknown_app()
    if not hmac.compare_digest(str(given.get("client_secret", "")).encode(), APP_SECRET.encode()):
        raise errors.wrong_secret()
    grant = given.get("grant_type")
    if grant == "client_credentials":
        return {"access_token": APP_TOKEN, "token_type": "bearer"}
    if grant != "fb_exchange_token":
        raise errors.invalid("The parameter grant_type must be client_credentials or fb_exchange_token")
    old = str(given.get("fb_exchange_token", ""))
    found = _held(old, call.conditions)
    if found is None or found is _APP:
        raise errors.wrong_token()
    _check_state(call, old)
    token = {"user": USER_TOKEN, "page": PAGE_TOKEN, "system_user": SYSTEM_USER_TOKEN}[found.kind]
    return {"access_token": token, "token_type": "bearer", "expires_in": LONG_LIVED_S}


def _held(token: str, conditions: Conditions) -> Holder | None:
    known = {PAGE_TOKEN: _BY_KIND[conditions.token_kind], USER_TOKEN: _BY_KIND["user"],
             SYSTEM_USER_TOKEN: _BY_KIND["system_user"], APP_TOKEN: _APP}
    return known.get(token)


def _dead(call: Call, token: str) -> GraphError | None:
    if token in (APP_TOKEN, SYSTEM_USER_TOKEN):  # tied to no person, so nothing a person does ends them
        return None
    subcode = call.conditions.subcode(call.now())
    return None if subcode is None else refusal(f"190/{subcode}", "", "")


def _check_state(call: Call, token: str) -> None:
    dead = _dead(call, token)
    if dead is not None:
        raise dead


def _check_proof(call: Call, *, required: bool) -> None:
    proof = call.parameters.get("appsecret_proof")
    expected = hmac.new(APP_SECRET.encode(), call.token.encode(), hashlib.sha256).hexdigest()
    if proof is None and required:
        raise errors.no_proof()
    if proof is not None and not hmac.compare_digest(str(proof).encode(), expected.encode()):
        raise errors.bad_proof()


def _problem(subcode: int | None, message: str) -> JsonObject:
    return {"code": 190, "message": message, "subcode": subcode}
