"""Posts through the imitated Graph API: create, read, change, delete, and the lists of them."""

from datetime import UTC, datetime

from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox.exchange import JsonObject
from broadcaster.sandbox.graph_call import Call
from broadcaster.sandbox.graph_page import PAGE_NAME
from broadcaster.sandbox.graph_paging import paging
from broadcaster.sandbox.graph_parameters import boolean, check_length, cursor, page_size, text, unix, wanted
from broadcaster.sandbox.graph_tokens import APP_ID, APP_NAME
from broadcaster.sandbox.posts import Post, cut, permalink
from broadcaster.sandbox.script import PAGE_ID

SOONEST_S, LATEST_S = 600, 30 * 86_400
"""The window for scheduled posts."""

FIELDS = frozenset({
    "id", "message", "created_time", "updated_time", "permalink_url", "is_published", "is_hidden", "is_expired",
    "status_type", "scheduled_publish_time", "application", "from", "attachments", "shares", "promotable_id",
    "is_eligible_for_promotion", "privacy", "story", "comments", "reactions"})


def create(call: Call, _: str) -> JsonObject:
    """Answer `POST /{page}/feed`."""
    posts, given = call.facebook.posts, call.parameters
    message, link = text(given, "message"), text(given, "link")
    fields = wanted(given, FIELDS, "Post", default=("id",))
    if not message.strip() and not link.strip():
        raise errors.invalid("Missing message or attachment")
    check_length(message)
    published = boolean(given, "published", default=True)
    due = _due(call, published)
    if not published and call.request.drafts_refused:
        raise errors.drafts_refused()
    if published and posts.repeats_previous(message, link):
        raise errors.duplicate()
    post = posts.add(message, link, published=published, scheduled_for=due)
    _lag(call, post)
    return shown(call, post, ("id", *fields))


def read(call: Call, post_id: str) -> JsonObject:
    """Answer `GET /{post}`."""
    post = _found(call, post_id)
    fields = wanted(call.parameters, FIELDS, "Post", default=("created_time", "message"))
    return shown(call, post, (*fields, "id"))


def update(call: Call, post_id: str) -> JsonObject:
    """Answer `POST /{post}`: new words, publication, or another time for it."""
    post, posts, given = _found(call, post_id), call.facebook.posts, call.parameters
    fields = wanted(given, FIELDS, "Post", default=())
    publish = boolean(given, "is_published", default=post.published)
    if post.published and not publish:
        raise errors.invalid("A published post cannot be made unpublished")
    if "message" in given:
        if not text(given, "message").strip():
            raise errors.invalid("Missing message or attachment")
        check_length(text(given, "message"))
    if "scheduled_publish_time" in given and not publish:
        post.scheduled_for = _due(call, published=False)
    if "message" in given:
        posts.edit(post, text(given, "message"))
    if publish and not post.published:
        posts.publish(post)
        _lag(call, post)
    return {"success": True, **(shown(call, post, ("id", *fields)) if fields else {})}


def delete(call: Call, post_id: str) -> JsonObject:
    """Answer `DELETE /{post}`."""
    call.facebook.posts.delete(_found(call, post_id))
    return {"success": True}


def listed(call: Call, _: str) -> JsonObject:
    """Answer `GET /{page}/feed`, `posts`, `published_posts` and `scheduled_posts`."""
    posts, given, edge = call.facebook.posts, call.parameters, call.path[1]
    fields = wanted(given, FIELDS, "Post", default=("created_time", "message"))
    limit = page_size(given)
    since, until = unix(given.get("since", 0)), unix(given.get("until", 1e12))
    if since is None or until is None:
        raise errors.invalid("Invalid since or until")
    found = {"feed": posts.everything, "scheduled_posts": posts.unpublished}.get(edge, posts.published)()
    if edge == "scheduled_posts":
        found = [post for post in found if post.scheduled_for is not None]
    found = [post for post in posts.listed(found, call.request.list_lag_s) if since <= post.created_at <= until]
    try:
        part = cut(found, limit, cursor(given, "after"), cursor(given, "before"))
    except ValueError as foreign:
        raise errors.invalid("Invalid cursors values, the after cursor is invalid") from foreign
    answer: JsonObject = {"data": [shown(call, post, (*fields, "id")) for post in part.posts]}
    if part.posts:
        answer["paging"] = paging(call, part, limit)
    if str(given.get("summary", "")).lower() in ("true", "1"):
        answer["summary"] = {"total_count": len(found)}
    return answer


def shown(call: Call, post: Post, fields: tuple[str, ...]) -> JsonObject:
    """Return these fields of a post, as far as it has them."""
    everything: JsonObject = {
        "id": post.id, "message": post.message or None, "created_time": _time(post.created_at),
        "updated_time": _time(post.updated_at), "permalink_url": permalink(call.base, post.id),
        "is_published": post.published, "is_hidden": False, "is_expired": False,
        "status_type": "mobile_status_update" if not post.link else "shared_story",
        "scheduled_publish_time": None if post.scheduled_for is None else int(post.scheduled_for),
        "application": {"id": APP_ID, "name": APP_NAME}, "from": {"id": PAGE_ID, "name": PAGE_NAME},
        "promotable_id": post.id, "is_eligible_for_promotion": post.published,
        "privacy": {"value": "EVERYONE"}}
    return {name: everything[name] for name in fields if everything.get(name) is not None}


def _found(call: Call, post_id: str) -> Post:
    post = call.facebook.posts.get(post_id)
    if post is None:
        raise errors.no_such_object(call.request.method, post_id)
    return post


def _due(call: Call, published: bool) -> float | None:
    value = call.parameters.get("scheduled_publish_time")
    if value is None:
        return None
    at = unix(value)
    if published or at is None or not SOONEST_S <= at - call.now() <= LATEST_S:
        raise errors.invalid("The specified scheduled publish time is invalid.")
    return at


def _lag(call: Call, post: Post) -> None:
    post.listed_from = call.now() + call.request.list_lag_s if call.request.list_lag_s else 0.0


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
