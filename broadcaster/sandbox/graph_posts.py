"""Posts through the imitated Graph API: create, read, change, delete, and the lists of them."""

from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox.exchange import JsonObject
from broadcaster.sandbox.graph_call import Call
from broadcaster.sandbox.graph_page import PAGE_NAME
from broadcaster.sandbox.graph_paging import part_of
from broadcaster.sandbox.graph_parameters import boolean, check_length, due, iso_time, text, wanted
from broadcaster.sandbox.graph_photos import attached, attachments, full_picture
from broadcaster.sandbox.graph_tokens import APP_ID, APP_NAME
from broadcaster.sandbox.posts import Post, permalink
from broadcaster.sandbox.script import PAGE_ID

FIELDS = frozenset({
    "id", "message", "created_time", "updated_time", "permalink_url", "is_published", "is_hidden", "is_expired",
    "status_type", "scheduled_publish_time", "application", "from", "attachments", "shares", "promotable_id",
    "full_picture", "picture", "is_eligible_for_promotion", "privacy", "story", "comments", "reactions"})


def create(call: Call, _: str) -> JsonObject:
    """Answer `POST /{page}/feed`."""
    posts, given = call.facebook.posts, call.parameters
    message, link = text(given, "message"), text(given, "link")
    fields = wanted(given, FIELDS, "Post", default=("id",))
    photos = attached(call)
    if not message.strip() and not link.strip() and not photos:
        raise errors.invalid("Missing message or attachment")
    check_length(message)
    published = boolean(given, "published", default=True)
    at = due(given, call.now(), published=published)
    if not published and call.request.drafts_refused:
        raise errors.drafts_refused()
    if published and not photos and posts.repeats_previous(message, link):
        raise errors.duplicate()
    post = posts.add(message, link, published=published, scheduled_for=at, photos=tuple(one.id for one in photos))
    for photo in photos:
        photo.post_id = post.id
    call.lag(post)
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
        post.scheduled_for = due(given, call.now(), published=False)
    if "message" in given:
        posts.edit(post, text(given, "message"))
    if publish and not post.published:
        posts.publish(post)
        call.lag(post)
    return {"success": True, **(shown(call, post, ("id", *fields)) if fields else {})}


def delete(call: Call, post_id: str) -> JsonObject:
    """Answer `DELETE /{post}`: its photos go with it."""
    post, held = _found(call, post_id), call.facebook
    for photo in held.photos.of(post.photos):
        held.photos.delete(photo)
    held.posts.delete(post)
    return {"success": True}


def listed(call: Call, _: str) -> JsonObject:
    """Answer `GET /{page}/feed`, `posts`, `published_posts` and `scheduled_posts`."""
    posts, edge = call.facebook.posts, call.path[1]
    fields = wanted(call.parameters, FIELDS, "Post", default=("created_time", "message"))
    found = {"feed": posts.everything, "scheduled_posts": posts.unpublished}.get(edge, posts.published)()
    if edge == "scheduled_posts":
        found = [post for post in found if post.scheduled_for is not None]
    found = posts.listed(found, call.request.list_lag_s)
    return part_of(call, found, lambda post: shown(call, post, (*fields, "id")))


def shown(call: Call, post: Post, fields: tuple[str, ...]) -> JsonObject:
    """Return these fields of a post, as far as it has them."""
    everything: JsonObject = {
        "id": post.id, "message": post.message or None, "created_time": iso_time(post.created_at),
        "updated_time": iso_time(post.updated_at), "permalink_url": permalink(call.base, post.id),
        "is_published": post.published, "is_hidden": False, "is_expired": False,
        "status_type": _status_type(post), "attachments": attachments(call, post),
        "full_picture": full_picture(call, post), "picture": full_picture(call, post),
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


def _status_type(post: Post) -> str:
    if post.photos:
        return "added_photos"
    return "shared_story" if post.link else "mobile_status_update"
