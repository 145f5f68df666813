"""What a channel may answer: the proof each step wants, the many ways to miss it, and lines that misbehave."""

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from html import escape as html_escape
from typing import Any

from channels.lines import Behaviour, Line, Says

from broadcaster.channels import Post, Step

#: Every automatic channel with the steps its way has. A new adapter adds its line here and passes the contract.
STEPS: dict[str, tuple[Step, ...]] = {
    "draft": (Step.DRAFT, Step.PUBLISH, Step.LOOK, Step.SEARCH, Step.EDIT, Step.WITHDRAW, Step.SWEEP),
    "post": (Step.POST, Step.LOOK, Step.SEARCH, Step.EDIT, Step.WITHDRAW, Step.SWEEP),
    "cms": (Step.PUT, Step.LOOK, Step.WITHDRAW),
    "phone": (Step.PUT, Step.LOOK, Step.WITHDRAW),
    "site": (Step.PUT, Step.LOOK, Step.WITHDRAW),
}
CASES = [(kind, step) for kind, steps in STEPS.items() for step in steps]

PAGE = "100200300"
#: Ids of the wrong kind, for everything that has an id.
NO_IDS: tuple[object, ...] = (5, 5.5, True, [], ["100200300_987"], {}, {"id": "100200300_987"}, "", None)
NO_LINKS: tuple[object, ...] = (5, "x", [])
#: Where the contracts of our own have the id.
ID = {"phone": "id", "site": "object"}
#: Bodies that are no proof of anything: every kind of JSON but an object, and no JSON at all.
NO_PROOFS = (b"[]", b"[{}]", b"null", b'"done"', b"7", b"true", b"<html>Logga in</html>", b'{"id":', b"\xff\xfe\x00")
#: What only the app on the region's own website says of itself.
APP = b'{"contract": 1}'
TOKEN = {"access_token": "eyJtoken", "expires_in": 3600}


def proof(kind: str, step: Step, post: Post) -> dict[str, Any]:
    """Return the body that makes `step` of this adapter done."""
    at = post.starts_at.strftime("%Y-%m-%dT%H:%M:%S+0000")
    if kind == "phone":
        return {"id": f"{post.incident}.{post.language}", "revision": post.revision, "text": post.words, "url": None}
    if kind == "site":
        heading, *html = post.words.split("\n\n")
        lead, *body = [f"<p>{html_escape(part).replace(chr(10), '<br>')}</p>" for part in html]
        return {"contract": 1, "object": post.object_uuid, "revision": post.revision, "url": None, "published": True,
                "title": heading, "leadHtml": lead, "bodyHtml": "".join(body)}  # fmt: skip
    if kind == "cms":
        heading, _, body = post.words.partition("\n\n")
        return {"contentLink": {"guidValue": post.object_uuid}, "status": "Published", "startPublish": None,
                "heading": {"value": heading}, "mainBody": {"value": f"<p>{body}</p>"}}  # fmt: skip
    if step in (Step.PUBLISH, Step.EDIT, Step.WITHDRAW):
        return {"success": True}
    shown = {"id": f"{PAGE}_987", "message": post.words, "created_time": at, "is_published": True}
    if step in (Step.SEARCH, Step.SWEEP):
        return {"data": [shown], "paging": {"cursors": {"after": "x"}}}
    return shown if step is Step.LOOK else {"id": f"{PAGE}_987"}


def bodies(row: str, kind: str, step: Step, post: Post) -> list[dict[str, Any]]:
    """Return the bodies a row of the table of proofs means for this step; none where it cannot occur."""
    good = proof(kind, step, post)
    return [deepcopy(body) for body in _BODIES[row](good, kind, step)]


def _changed(good: Mapping[str, Any], name: str, values: tuple[object, ...]) -> Iterator[dict[str, Any]]:
    """Yield `good` with each of the values under `name`, and without it."""
    yield from ({**good, name: value} for value in values)
    yield {key: value for key, value in good.items() if key != name}


def _no_id(good: dict[str, Any], kind: str, step: Step) -> Iterator[dict[str, Any]]:
    if kind == "cms":
        guids = [{**good, "contentLink": {"guidValue": value}} for value in NO_IDS]
        yield from [*guids, *({**good, "contentLink": value} for value in NO_LINKS)]
    elif kind in ID and step is Step.WITHDRAW:  # it may say nothing of an id, but nothing wrong
        yield from list(_changed(good, ID[kind], NO_IDS[:-1]))[:-1]
    elif kind in ID:
        yield from _changed(good, ID[kind], NO_IDS)
    elif "id" in good:
        yield from _changed(good, "id", NO_IDS)
    elif "data" in good:
        yield from ({**good, "data": [{**good["data"][0], "id": value}]} for value in NO_IDS if value != "")


def _anothers_id(good: dict[str, Any], kind: str, step: Step) -> Iterator[dict[str, Any]]:
    if kind == "cms":
        yield {**good, "contentLink": {"guidValue": "00000000-0000-5000-8000-000000000001"}}
    elif kind == "site":
        yield {**good, "object": "00000000-0000-5000-8000-000000000001"}
    elif kind == "phone":
        yield from ({**good, "id": other} for other in ("RV-2026-0031.en", "RV-2026-00311.sv"))
    elif "id" in good:
        yield from ({**good, "id": other} for other in ("999_987", "_987", "1002003001_987"))


def _revision(good: dict[str, Any], kind: str, step: Step) -> Iterator[dict[str, Any]]:
    if kind in ID and step is Step.PUT:
        yield from _changed(good, "revision", (0, 2, "1", 1.0, True, None, [], {}))


def _success(good: dict[str, Any], kind: str, step: Step) -> Iterator[dict[str, Any]]:
    if "success" in good:
        yield from _changed(good, "success", (False, None, 1, "true", "yes", [], {}, [True]))


def _wrong_kind(good: dict[str, Any], kind: str, step: Step) -> Iterator[dict[str, Any]]:
    wrong: dict[str, tuple[object, ...]] = {}
    if kind == "cms" and step is Step.LOOK:
        wrong = {"startPublish": ("soon", []), "status": (5, {}), "heading": ({"value": 5}, [])}
    elif kind == "phone" and step is Step.LOOK:
        wrong = {"text": (5, None, []), "revision": ("1", None, True), "expires_at": ("soon", [])}
    elif kind == "site" and step is Step.LOOK:
        wrong = {name: (5, None, []) for name in ("title", "leadHtml", "bodyHtml")}
        wrong |= {"published": ("yes", 1, None), "revision": ("1", None, True)}
    elif "data" in good:
        wrong = {"data": (None, {}, "none", 5, [5], [[]]), "paging": (5, "x", [])}
    elif step is Step.LOOK:
        wrong = {"message": (5, [], {}), "is_published": ("yes", 1, []), "created_time": ("soon", {})}
    for name, values in wrong.items():
        yield from ({**good, name: value} for value in values)


def _error_beside(good: dict[str, Any], kind: str, step: Step) -> Iterator[dict[str, Any]]:
    unreadable: tuple[object, ...] = ("no", 5, True, [], {}, {"code": "many"}, {"code": 2**40})
    yield from list(_changed(good, "error", unreadable))[:-1]


_BODIES: Mapping[str, Callable[[dict[str, Any], str, Step], Any]] = {
    "the proof": lambda good, kind, step: [good],
    "an empty object": lambda good, kind, step: [{}],
    "no id, or one that is a number, a list, an object, empty or null": _no_id,
    "somebody else's id": _anothers_id,
    "another revision, or one that is no whole number": _revision,
    "no success, or one that is not exactly true": _success,
    "a field we rely on, of the wrong kind": _wrong_kind,
    "the proof, and an error nobody can read": _error_beside,
}
PROOF_ROWS = tuple(_BODIES)


def _head_that_drips(line: Line) -> bool:
    line.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not line.server.closing.wait(0.02):
        line.send(b"z")
    return False


def _head_without_end(line: Line) -> bool:
    line.send(b"HTTP/1.1 200 OK\r\n")
    while not line.server.closing.is_set():
        line.send(b"X-More: " + b"z" * 8192 + b"\r\n")
    return False


def _ten_gigabytes(line: Line) -> bool:
    line.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n")
    while not line.server.closing.is_set():
        line.send(b" " * 65536)
    return False


def _hints_then_nothing(line: Line) -> bool:
    line.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
    return False


def hints_then(body: object) -> Behaviour:
    """Announce twice, and then answer."""
    data = json.dumps(body).encode()
    hints = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"

    def behave(line: Line) -> bool:
        line.send(hints + f"HTTP/1.1 200 OK\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)
        return True

    return behave


#: What a line does, by its row.
LINES: Mapping[str, Behaviour] = {
    "the connection closes without a word": Says.drop,
    "half an answer": Says.cut,
    "no HTTP at all": Says.garbage,
    "no answer in time": Says.hang,
    "a head that drips": _head_that_drips,
    "a head without end": _head_without_end,
    "a body that drips": Says.drip,
    "a body of 10 GB": _ten_gigabytes,
    "a compressed body": Says.answer(200, b"\x1f\x8b", "Content-Encoding: gzip\r\n"),
    "early hints, then nothing": _hints_then_nothing,
}
