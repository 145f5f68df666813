"""Posts through the imitated Graph API: create, read, change, delete, and the lists of them."""

from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox.exchange import JsonObject
from broadcaster.sandbox.graph_call import Call
from broadcaster.sandbox.graph_comments import beside
from broadcaster.sandbox.graph_page import FANS, PAGE_NAME
from broadcaster.sandbox.graph_paging import part_of
from broadcaster.sandbox.graph_parameters import boolean, check_length, due, iso_time, text, wanted
from broadcaster.sandbox.graph_photos import attached, attachments, full_picture
from broadcaster.sandbox.graph_tokens import APP_ID, APP_NAME, as_page
from broadcaster.sandbox.insights import answer, live
from broadcaster.sandbox.posts import Post, permalink
from broadcaster.sandbox.script import PAGE_ID

FIELDS = frozenset({
    "id", "message", "created_time", "updated_time", "permalink_url", "is_published", "is_hidden", "is_expired",
    "status_type", "scheduled_publish_time", "application", "from", "attachments", "shares", "promotable_id",
    "full_picture", "picture", "is_eligible_for_promotion", "privacy", "story", "comments", "reactions", "likes",
    # known, and never with a value here
    "actions", "admin_creator", "backdated_time", "call_to_action", "can_reply_privately", "child_attachments",
    "coordinates", "event", "feed_targeting", "height", "icon", "instagram_eligibility", "is_app_share",
    "is_inline_created", "is_instagram_eligible", "is_popular", "is_spherical", "message_tags", "parent_id", "place",
    "promotion_status", "properties", "sharedposts", "story_tags", "subscribed", "target", "targeting",
    "timeline_visibility", "to", "via", "video_buying_eligibility", "width"})


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
    as_page(call, published=published)
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
    call.check_readable(post_id, post.made_at)
    fields = wanted(call.parameters, FIELDS, "Post", default=("created_time", "message"))
    return shown(call, post, (*fields, "id"))


def update(call: Call, post_id: str) -> JsonObject:
    """Answer `POST /{post}`: new words, publication or another time for it, hidden or shown again."""
    post, posts, given = _own(call, post_id), call.facebook.posts, call.parameters
    fields = wanted(given, FIELDS, "Post", default=())
    publish = boolean(given, "is_published", default=post.published)
    if post.published and not publish:
        raise errors.invalid("A published post cannot be made unpublished")
    if publish and not post.published and call.now() - post.made_at < call.conditions.publishable_after_s:
        raise errors.no_such_object(call.request.method, post_id)
    if "message" in given:
        if not text(given, "message").strip():
            raise errors.invalid("Missing message or attachment")
        check_length(text(given, "message"))
    post.hidden = boolean(given, "is_hidden", default=post.hidden)
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
    post, held = _own(call, post_id), call.facebook
    for photo in held.photos.of(post.photos):
        held.photos.delete(photo)
    held.posts.delete(post)
    return {"success": True}


def insights(call: Call, post_id: str) -> JsonObject:
    """Answer `GET /{post}/insights`; a post nobody has seen has none."""
    post = _found(call, post_id)
    begun_at = post.created_at if post.published else float("inf")
    return answer(post.id, call.parameters, now=call.now(), begun_at=begun_at, seed=call.facebook.seed, fans=FANS)


def listed(call: Call, _: str) -> JsonObject:
    """Answer `GET /{page}/feed`, `posts`, `published_posts` and `scheduled_posts`."""
    posts, edge = call.facebook.posts, call.path[1]
    fields = wanted(call.parameters, FIELDS, "Post", default=("created_time", "message"))
    found = {"feed": posts.everything, "scheduled_posts": posts.unpublished}.get(edge, posts.published)()
    if edge == "scheduled_posts":
        found = [post for post in found if post.scheduled_for is not None]
    if not boolean(call.parameters, "include_hidden", default=False):
        found = [post for post in found if not post.hidden]
    found = posts.listed(found, call.request.list_lag_s)
    return part_of(call, found, lambda post: shown(call, post, (*fields, "id")))


def shown(call: Call, post: Post, fields: tuple[str, ...]) -> JsonObject:
    """Return these fields of a post, as far as it has them."""
    everything: JsonObject = {
        "id": post.id, "message": post.message or None, "created_time": iso_time(post.created_at),
        "updated_time": iso_time(post.updated_at), "permalink_url": permalink(call.base, post.id),
        "is_published": post.published, "is_hidden": post.hidden, "is_expired": False,
        "status_type": _status_type(post), "attachments": attachments(call, post),
        "full_picture": full_picture(call, post), "picture": full_picture(call, post),
        "scheduled_publish_time": None if post.scheduled_for is None else int(post.scheduled_for),
        "application": dict(zip(("id", "name"), post.app or (APP_ID, APP_NAME), strict=True)),
        "from": {"id": PAGE_ID, "name": PAGE_NAME},
        "promotable_id": post.id, "is_eligible_for_promotion": post.published,
        "privacy": {"value": "EVERYONE"}, "comments": beside(call, post), **_engagement(call, post)}
    return {name: everything[name] for name in fields if everything.get(name) is not None}


def _found(call: Call, post_id: str) -> Post:
    post = call.facebook.posts.get(post_id)
    if post is None:
        raise errors.no_such_object(call.request.method, post_id)
    return post


def _own(call: Call, post_id: str) -> Post:
    post = _found(call, post_id)
    if post.app is not None and post.app[0] != APP_ID and call.conditions.edit_only_by_creator:
        raise errors.of_another_app()
    return post


def _engagement(call: Call, post: Post) -> JsonObject:
    """Return what people have done with the post so far; as at Facebook, no shares are no field."""
    age_s = call.now() - post.created_at if post.published else 0.0
    found = live(call.facebook.seed, post.id, age_s)
    return {"shares": {"count": found["shares"]} if found["shares"] else None,
            "reactions": {"data": [], "summary": {"total_count": found["reactions"], "viewer_reaction": "NONE"}}}


def _status_type(post: Post) -> str:
    if post.photos:
        return "added_photos"
    return "shared_story" if post.link else "mobile_status_update"
