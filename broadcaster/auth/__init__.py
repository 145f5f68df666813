"""
Who is asking, and may they?

    password ──> people ──> sessions ─┐
       (throttle, passwords)          ├──> Client ──> require(client, scope)
    Authorization: Bearer ──> keys ───┘

`guard` is the door of the web (the only part, with `headers`, that knows Flask); `forgery` proves that a form
is ours; `commands` are `broadcaster users` and `broadcaster keys`. Import those by their own names: a worker
that needs a `Client` never loads Flask.
"""

from broadcaster.auth.client import Client, require, require_mode
from broadcaster.auth.keys import add_key, key_client, list_keys, revoke_key
from broadcaster.auth.people import Person, add_person, check_password, disable_person, list_people
from broadcaster.auth.sessions import sign_in, sign_out

__all__ = [
    "Client",
    "Person",
    "add_key",
    "add_person",
    "check_password",
    "disable_person",
    "key_client",
    "list_keys",
    "list_people",
    "require",
    "require_mode",
    "revoke_key",
    "sign_in",
    "sign_out",
]
