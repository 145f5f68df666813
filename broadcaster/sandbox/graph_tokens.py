"""Tokens of the imitated Facebook: which are good for what, the proof that goes with them, and `debug_token`."""

import hashlib
import hmac

from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox.exchange import JsonObject
from broadcaster.sandbox.graph_call import Call
from broadcaster.sandbox.script import PAGE_ID

APP_ID = "4711"
APP_NAME = "Krisutskick"
APP_SECRET = "s3cr3t"  # published on purpose: it opens nothing but this imitation
PAGE_TOKEN = "PAGETOK"
APP_TOKEN = f"{APP_ID}|{APP_SECRET}"

SCOPES = ("pages_show_list", "pages_manage_posts", "pages_read_engagement", "pages_read_user_content",
          "pages_manage_engagement", "pages_manage_metadata", "read_insights")


def check(call: Call) -> None:
    """Raise GraphError unless the call carries a token that is good for it, and no false proof."""
    token = call.token
    if not token:
        raise errors.no_token()
    app_only = call.path == ("debug_token",)
    if token != PAGE_TOKEN and not (app_only and token == APP_TOKEN):
        raise errors.wrong_token()
    proof = call.parameters.get("appsecret_proof")
    expected = hmac.new(APP_SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
    if proof is not None and not hmac.compare_digest(str(proof).encode(), expected.encode()):
        raise errors.bad_proof()


def debug(call: Call, _: str) -> JsonObject:
    """Answer `GET /debug_token`: what Facebook knows of a token."""
    asked = call.parameters.get("input_token")
    if not asked:
        raise errors.invalid("The parameter input_token is required")
    if asked != PAGE_TOKEN:
        problem = {"code": 190, "message": "Invalid OAuth access token.", "subcode": 467}
        return {"data": {"is_valid": False, "scopes": [], "error": problem}}
    issued = int(call.now()) - 86_400
    return {"data": {
        "app_id": APP_ID, "type": "PAGE", "application": APP_NAME, "is_valid": True, "issued_at": issued,
        "expires_at": 0, "data_access_expires_at": issued + 90 * 86_400, "user_id": "1220001",
        "profile_id": PAGE_ID, "scopes": list(SCOPES),
        "granular_scopes": [{"scope": scope, "target_ids": [PAGE_ID]} for scope in SCOPES]}}
