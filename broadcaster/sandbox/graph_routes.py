"""Which address of the imitated Graph API does what, and what it takes to be allowed to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from broadcaster.sandbox import graph_comments, graph_page, graph_photos, graph_posts, graph_tokens
from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox.exchange import JsonObject
from broadcaster.sandbox.graph_call import Call
from broadcaster.sandbox.graph_fields import fields, shaped
from broadcaster.sandbox.script import PAGE_ID

MOST_IDS = 50
_READ, _WRITE = ("pages_read_engagement",), ("pages_manage_posts", "pages_read_engagement")
_INSIGHTS, _METADATA = ("read_insights", "pages_read_engagement"), ("pages_manage_metadata", "pages_show_list")
_HEAR, _SPEAK = ("pages_read_engagement", "pages_read_user_content"), ("pages_manage_engagement",)


@dataclass(frozen=True, slots=True)
class Verb:
    """What answers a call about the object with this id, and what it takes to be allowed to make the call."""

    answer: Callable[[Call, str], JsonObject]
    scopes: tuple[str, ...] = ()
    anybody: bool = False
    """A person's token will do, or the answer itself tells what is wrong with it."""


_Edges = Mapping[str, Mapping[str, Verb]]
"""By the last word of the address (empty for the object itself) and by method."""
_ALONE: _Edges = {"debug_token": {"GET": Verb(graph_tokens.debug, anybody=True)}}
_OAUTH: _Edges = {"access_token": {"GET": Verb(graph_tokens.exchange, anybody=True)}}
_PERSON: _Edges = {
    "": {"GET": Verb(graph_page.person, anybody=True)},
    "accounts": {"GET": Verb(graph_page.accounts, anybody=True)}}
_LIST = {"GET": Verb(graph_posts.listed, _READ)}
_PAGE: _Edges = {
    "": {"GET": Verb(graph_page.show, anybody=True)},
    "feed": {**_LIST, "POST": Verb(graph_posts.create, _WRITE, anybody=True)},
    "photos": {"GET": Verb(graph_photos.listed, _READ), "POST": Verb(graph_photos.upload, _WRITE, anybody=True)},
    "posts": _LIST, "published_posts": _LIST, "scheduled_posts": _LIST,
    "insights": {"GET": Verb(graph_page.insights, _INSIGHTS)},
    "subscribed_apps": dict.fromkeys(("GET", "POST", "DELETE"), Verb(graph_page.subscribed_apps, _METADATA))}
_ON = {"GET": Verb(graph_comments.listed, _HEAR, anybody=True),
       "POST": Verb(graph_comments.create, _SPEAK, anybody=True)}
_POST: _Edges = {
    "": {"GET": Verb(graph_posts.read, _READ), "POST": Verb(graph_posts.update, _WRITE),
         "DELETE": Verb(graph_posts.delete, _WRITE)},
    "comments": _ON, "insights": {"GET": Verb(graph_posts.insights, _INSIGHTS)}}
_COMMENT: _Edges = {
    "": {"GET": Verb(graph_comments.read, _HEAR), "POST": Verb(graph_comments.update, _SPEAK),
         "DELETE": Verb(graph_comments.delete, _SPEAK)},
    "comments": _ON}
_PHOTO: _Edges = {"": {"GET": Verb(graph_photos.read, _READ), "DELETE": Verb(graph_photos.delete, _WRITE)}}
_EDGES = {edge for kind in (_OAUTH, _PERSON, _PAGE, _POST, _COMMENT, _PHOTO) for edge in kind if edge}


def carried_out(call: Call) -> JsonObject:
    """Do what the call asks and return the answer; raise GraphError for a refusal."""
    path, method = call.path, call.request.method
    if path == () and method == "GET" and call.parameters.get("ids"):
        return {one: carried_out(replace(call, path=(one,))) for one in _ids(call)}
    if len(path) not in (1, 2) or (len(path) == 2 and path[1] not in _EDGES):
        raise errors.unknown_path("/" + "/".join(path))
    object_id = call.holder.id if path[0] == "me" else path[0]
    verbs = _ALONE.get(path[0], {}) if len(path) == 1 else {}
    verbs = verbs or _kind(call, object_id).get(path[1] if len(path) == 2 else "", {})
    verb = verbs.get(method)
    if verb is None:
        raise errors.unsupported(method, "/".join(path))
    _check_allowed(call, verb)
    return shaped(verb.answer(call, object_id), fields(call.parameters))


def _ids(call: Call) -> list[str]:
    ids = [one.strip() for one in str(call.parameters["ids"]).split(",") if one.strip()]
    if len(ids) > MOST_IDS:
        raise errors.invalid(f"Too many IDs. Maximum: {MOST_IDS}. Provided: {len(ids)}.")
    return ids


def _check_allowed(call: Call, verb: Verb) -> None:
    lacking = call.conditions.lacking(verb.scopes, PAGE_ID)
    if lacking and call.request.method == "GET":
        raise errors.may_not(lacking)
    if lacking:
        raise errors.may_not_write(lacking)
    if not verb.anybody:
        graph_tokens.as_page(call)


def _kind(call: Call, object_id: str) -> _Edges:
    """Return what can be asked of an object; raise GraphError (100/33) when there is none."""
    if object_id == "oauth":
        return _OAUTH
    if object_id == PAGE_ID:
        return _PAGE
    if object_id in (graph_tokens.USER_ID, graph_tokens.SYSTEM_USER_ID):
        return _PERSON
    if call.facebook.posts.get(object_id) is not None:
        return _POST
    if call.facebook.photos.get(object_id) is not None:
        return _PHOTO
    if call.facebook.comments.get(object_id) is not None:
        return _COMMENT
    raise errors.no_such_object(call.request.method, object_id)
