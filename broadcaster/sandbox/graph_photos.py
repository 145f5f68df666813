"""Photos through the imitated Graph API: upload, read, delete, and how a post shows the photos it has.

Bytes come as the multipart part `source`. Nothing is fetched from elsewhere: `url` may only name a photo of this very
sandbox, any other address is answered as Facebook answers one it cannot fetch.
"""

import re
from typing import Any

from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox.exchange import JsonObject, Upload
from broadcaster.sandbox.graph_call import Call
from broadcaster.sandbox.graph_page import PAGE_NAME
from broadcaster.sandbox.graph_paging import part_of
from broadcaster.sandbox.graph_parameters import boolean, check_length, due, iso_time, nested, text, wanted
from broadcaster.sandbox.graph_tokens import as_page
from broadcaster.sandbox.photos import Photo, address
from broadcaster.sandbox.pictures import Damaged, Picture, picture
from broadcaster.sandbox.posts import Post, permalink
from broadcaster.sandbox.script import PAGE_ID

LARGEST_BYTES = 10_000_000
"""A photo has to be smaller than this."""
FIELDS = frozenset({
    "id", "name", "alt_text", "alt_text_custom", "created_time", "updated_time", "link", "images", "picture", "source",
    "width", "height", "from", "page_story_id", "can_delete", "can_tag", "icon", "album", "place"})
_DEFAULT = ("created_time", "name")


def upload(call: Call, _: str) -> JsonObject:
    """Answer `POST /{page}/photos`: a post with this photo, or a photo to be attached to a post later."""
    given, held = call.parameters, call.facebook
    caption = text(given, "caption") or text(given, "message") or text(given, "name")
    fields = wanted(given, FIELDS, "Photo", default=("id",))
    check_length(caption)
    published = boolean(given, "published", default=True)
    as_page(call, published=published)
    in_feed = published and not boolean(given, "no_story", default=False)
    temporary, alt_text = boolean(given, "temporary", default=False), text(given, "alt_text_custom")
    at = due(given, call.now(), published=published)
    photo = held.photos.add(_picture(call), caption, alt_text, published=published, temporary=temporary)
    answer: JsonObject = shown(call, photo, ("id", *fields))
    if in_feed or at is not None:
        post = held.posts.add(caption, "", published=published, scheduled_for=at, photos=(photo.id,))
        photo.post_id, post.photo_story = post.id, True
        call.lag(post)
        answer["post_id"] = post.id
    return answer


def read(call: Call, photo_id: str) -> JsonObject:
    """Answer `GET /{photo}`."""
    fields = wanted(call.parameters, FIELDS, "Photo", default=_DEFAULT)
    photo = _found(call, photo_id)
    call.check_readable(photo_id, photo.created_at)
    return shown(call, photo, (*fields, "id"))


def delete(call: Call, photo_id: str) -> JsonObject:
    """Answer `DELETE /{photo}`: a post that was made by uploading it goes with it, any other goes on without it."""
    held, photo = call.facebook, _found(call, photo_id)
    held.photos.delete(photo)
    post = held.posts.get(photo.post_id or "")
    if post is not None and post.photo_story:
        held.posts.delete(post)
    elif post is not None:
        post.photos = tuple(other for other in post.photos if other != photo_id)
    return {"success": True}


def listed(call: Call, _: str) -> JsonObject:
    """Answer `GET /{page}/photos`."""
    fields = wanted(call.parameters, FIELDS, "Photo", default=_DEFAULT)
    return part_of(call, call.facebook.photos.published(), lambda photo: shown(call, photo, (*fields, "id")))


def attached(call: Call) -> tuple[Photo, ...]:
    """Return the photos a new post names, in `attached_media` or `attached_media[n]`.

    Raises GraphError: 100 for what is no list of ids or an unknown photo, 100/1366051 for one that is in a post.
    """
    given = call.parameters
    numbered = sorted((int(found[1]), value) for name, value in given.items()
                      if (found := re.fullmatch(r"attached_media\[(\d{1,3})\]", name)))
    listed = nested(given, "attached_media", default=[])
    if not isinstance(listed, list):
        raise errors.invalid("Param attached_media must be an array.")
    return _unused(call, [_media_id(entry) for entry in (*listed, *(value for _, value in numbered))])


def attachments(call: Call, post: Post) -> JsonObject | None:
    """Return `attachments` of a post: its photos, or else the preview of its link."""
    shown_photos = [_attachment(call, photo) for photo in call.facebook.photos.of(post.photos)]
    if len(shown_photos) > 1:
        album = {**shown_photos[0], "type": "album", "media_type": "album", "title": f"Foton från {PAGE_NAME}",
                 "subattachments": {"data": shown_photos}}
        return {"data": [album]}
    if shown_photos:
        return {"data": shown_photos}
    if post.link:
        return {"data": [{"type": "share", "media_type": "link", "title": post.link, "url": post.link,
                          "unshimmed_url": post.link, "target": {"url": post.link}}]}
    return None


def full_picture(call: Call, post: Post) -> str | None:
    """Return the address of the first photo of a post, or None."""
    first = next(iter(call.facebook.photos.of(post.photos)), None)
    return address(call.base, first.id) if first else None


def shown(call: Call, photo: Photo, fields: tuple[str, ...]) -> JsonObject:
    """Return these fields of a photo, as far as it has them."""
    source, size = address(call.base, photo.id), photo.picture
    image = {"height": size.height, "width": size.width, "source": source}
    everything: JsonObject = {
        "id": photo.id, "name": photo.caption or None, "alt_text": photo.alt_text or "Kan vara en bild",
        "alt_text_custom": photo.alt_text or None, "created_time": iso_time(photo.created_at),
        "updated_time": iso_time(photo.created_at), "link": _link(call, photo), "images": [image], "picture": source,
        "source": source, "width": size.width, "height": size.height, "from": {"id": PAGE_ID, "name": PAGE_NAME},
        "page_story_id": photo.post_id, "can_delete": True, "can_tag": True}
    return {name: everything[name] for name in fields if everything.get(name) is not None}


def _link(call: Call, photo: Photo) -> str:
    return permalink(call.base, photo.post_id) if photo.post_id else address(call.base, photo.id)


def _attachment(call: Call, photo: Photo) -> JsonObject:
    size, link = photo.picture, _link(call, photo)
    found: JsonObject = {
        "media": {"image": {"height": size.height, "src": address(call.base, photo.id), "width": size.width}},
        "target": {"id": photo.id, "url": link}, "type": "photo", "media_type": "photo", "url": link,
        "unshimmed_url": link}
    return {**found, "description": photo.caption} if photo.caption else found


def _found(call: Call, photo_id: str) -> Photo:
    photo = call.facebook.photos.get(photo_id)
    if photo is None:
        raise errors.no_such_object(call.request.method, photo_id)
    return photo


def _picture(call: Call) -> Picture:
    source = call.parameters.get("source")
    content = source.content if isinstance(source, Upload) else _of_this_sandbox(call, text(call.parameters, "url"))
    if content is None:
        raise errors.no_picture()
    if len(content) >= LARGEST_BYTES:
        raise errors.wrong_picture()
    try:
        found = picture(content)
    except Damaged as cut_off:
        raise errors.damaged_picture() from cut_off
    if found is None:
        raise errors.wrong_picture()
    return found


def _of_this_sandbox(call: Call, url: str) -> bytes | None:
    found = call.facebook.photos.get(url.removeprefix(address(call.base, "")))
    return found.picture.content if found is not None else None


def _media_id(entry: Any) -> str:
    value = nested({"attached_media": entry}, "attached_media")
    media_id = value.get("media_fbid") if isinstance(value, dict) else None
    if isinstance(media_id, bool) or not isinstance(media_id, str | int):
        raise errors.invalid("Param attached_media[0] must have a media_fbid")
    return str(media_id)


def _unused(call: Call, ids: list[str]) -> tuple[Photo, ...]:
    found = []
    for media_id in ids:
        photo = call.facebook.photos.get(media_id)
        if photo is None:
            raise errors.unknown_media(media_id)
        if photo.post_id is not None or photo.published or photo in found:
            raise errors.photos_already_posted()
        found.append(photo)
    return tuple(found)
