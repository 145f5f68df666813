"""Comments through the imitated Graph API: read, write, reply, edit, hide, delete.

Whoever asks with a person's token gets an empty list and HTTP 200, not a refusal. `POST /{comment}` with words edits
the comment, whatever Meta's guide says of replying with it.
"""

from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox.comments import Comment
from broadcaster.sandbox.exchange import JsonObject
from broadcaster.sandbox.graph_call import Call
from broadcaster.sandbox.graph_catalogue import refusal
from broadcaster.sandbox.graph_page import PAGE_NAME
from broadcaster.sandbox.graph_paging import part_of
from broadcaster.sandbox.graph_parameters import boolean, choice, iso_time, text, wanted
from broadcaster.sandbox.graph_tokens import as_page
from broadcaster.sandbox.posts import Post, permalink
from broadcaster.sandbox.script import PAGE_ID

LONGEST = 8_000
FIELDS = frozenset({
    "id", "from", "message", "created_time", "parent", "is_hidden", "can_hide", "can_comment", "can_like",
    "can_remove", "can_reply_privately", "comment_count", "like_count", "permalink_url", "user_likes", "is_private",
    "object", "attachment", "message_tags", "admin_creator", "application", "comments"})
_DEFAULT = ("created_time", "from", "message")
_FILTERS, _ORDERS = ("toplevel", "stream"), ("chronological", "reverse_chronological")


def listed(call: Call, object_id: str) -> JsonObject:
    """Answer `GET /{post}/comments` and `GET /{comment}/comments`; replies only with `filter=stream`."""
    given, held = call.parameters, call.facebook.comments
    fields = wanted(given, FIELDS, "Comment", default=_DEFAULT)
    everything, order = choice(given, "filter", _FILTERS) == "stream", choice(given, "order", _ORDERS)
    if call.holder.kind != "page":
        return {"data": []}
    parent = held.get(object_id)
    above = parent.id if parent else None
    found = [one for one in (held.under(object_id) if parent else held.on(object_id))
             if everything or one.parent_id == above]
    oldest_first = order == "chronological"
    if not oldest_first:
        found.reverse()
    return part_of(call, found, lambda one: shown(call, one, (*fields, "id")), oldest_first=oldest_first,
                   summary={"order": order, "can_comment": True})


def create(call: Call, object_id: str) -> JsonObject:
    """Answer `POST /{post}/comments` and, for a reply, `POST /{comment}/comments`."""
    if call.holder.kind != "page":
        raise refusal("1705", "", "")
    held = call.facebook
    parent = held.comments.get(object_id)
    post = held.posts.get(parent.post_id if parent else object_id)
    fields = wanted(call.parameters, FIELDS, "Comment", default=())
    words = _words(call)
    if not call.conditions.page_published or post is None or not post.published:
        raise errors.invalid("Comments cannot be made on an unpublished Page or post")
    made = held.comments.add(post, parent, (PAGE_ID, PAGE_NAME), words)
    return shown(call, made, ("id", *fields))


def read(call: Call, comment_id: str) -> JsonObject:
    """Answer `GET /{comment}`."""
    comment = _found(call, comment_id)
    call.check_readable(comment_id, comment.created_at)
    return shown(call, comment, (*wanted(call.parameters, FIELDS, "Comment", default=_DEFAULT), "id"))


def update(call: Call, comment_id: str) -> JsonObject:
    """Answer `POST /{comment}`: other words for the Page's own, hide or show a visitor's."""
    comment, given, held = _found(call, comment_id), call.parameters, call.facebook.comments
    own = _is_own(comment)
    hidden = boolean(given, "is_hidden", default=comment.hidden)
    words = _words(call) if "message" in given else None
    if words is not None and not own:
        raise errors.not_the_author()
    if own and hidden:
        raise errors.invalid("This comment can't be hidden")
    if words is not None:
        held.edit(comment, words)
    held.hide(comment, hidden)
    return {"success": True}


def delete(call: Call, comment_id: str) -> JsonObject:
    """Answer `DELETE /{comment}`: its replies go with it."""
    call.facebook.comments.delete(_found(call, comment_id))
    return {"success": True}


def beside(call: Call, post: Post) -> JsonObject:
    """Return `comments` as a field of a post: the first ones at the top level, and how many there are at all."""
    found = call.facebook.comments.on(post.id) if call.holder.kind == "page" else []
    top = [shown(call, one, (*_DEFAULT, "id")) for one in found if one.parent_id is None][:25]
    return {"data": top, "summary": {"order": "chronological", "total_count": len(found), "can_comment": True}}


def shown(call: Call, comment: Comment, fields: tuple[str, ...]) -> JsonObject:
    """Return these fields of a comment, as far as it has them."""
    own, held = _is_own(comment), call.facebook.comments
    parent = held.get(comment.parent_id or "")
    everything: JsonObject = {
        "id": comment.id, "message": comment.message, "created_time": iso_time(comment.created_at),
        "from": dict(zip(("id", "name"), comment.author, strict=True)),
        "parent": shown(call, parent, (*_DEFAULT, "id")) if parent else None,
        "is_hidden": comment.hidden, "can_hide": not own, "can_comment": True, "can_like": True, "can_remove": True,
        "can_reply_privately": not own, "comment_count": len(held.under(comment.id)), "like_count": 0,
        "permalink_url": f"{permalink(call.base, comment.post_id)}?comment_id={comment.id}", "user_likes": False,
        "is_private": False, "object": {"id": comment.post_id}}
    return {name: everything[name] for name in fields if everything.get(name) is not None}


def _found(call: Call, comment_id: str) -> Comment:
    as_page(call)
    comment = call.facebook.comments.get(comment_id)
    if comment is None:
        raise errors.no_such_object(call.request.method, comment_id)
    return comment


def _is_own(comment: Comment) -> bool:
    return comment.author[0] == PAGE_ID


def _words(call: Call) -> str:
    words = text(call.parameters, "message")
    if any(name.startswith("attachment_") for name in call.parameters):
        raise errors.invalid("Attachments of comments are not imitated")
    if not words.strip():
        raise errors.invalid("Missing message or attachment")
    if len(words) > LONGEST:
        raise errors.invalid("Param message is too long")
    return words
