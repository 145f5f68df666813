"""Batches: up to 50 calls to the imitated Graph API in one, each answered as if it had come alone.

The whole is answered with 200 whatever happens inside. An item that another one names is done first, and its own
answer is left out (`null`) unless it says `"omit_response_on_success": false`. An item that got no answer is `null`
too, and nobody can tell whether it was done.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote_plus, unquote, urlencode, urlsplit

from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox.exchange import Answer, JsonObject, Request, Upload
from broadcaster.sandbox.graph_call import Call
from broadcaster.sandbox.graph_parameters import boolean, nested

MOST = 50
_METHODS = ("GET", "POST", "PUT", "DELETE")
_RESULT = re.compile(r"\{result=([^:{}]+):(\$[^{}]*)\}")
_STEP = re.compile(r"\.(\w+|\*)|\[(\d{1,6}|\*)\]")
_VERSION = re.compile(r"v\d+\.\d+")

_NO_TRACE = "A000000000000000000000"

One = Callable[[Request], Answer | None]
"""Answers one call; None is no answer."""


class _Failed(Exception):
    """An item cannot be done, because another one it needs was not; the text says which."""


def answers(call: Call, one: One) -> list[JsonObject | None]:
    """Carry out the items of a batch in order and return their answers; raise GraphError for no batch at all."""
    if not call.token:
        raise errors.no_token()
    items = _items(call)
    with_headers = boolean(call.parameters, "include_headers", default=True)
    done: dict[str, Answer | None] = {}
    needed: set[str] = set()
    found: list[Answer | None] = []
    for item in items:
        try:
            needed |= _needs(item)
            answer = one(_request(call, item, done))
        except _Failed as failed:
            answer = errors.invalid(str(failed)).answer(_NO_TRACE)
        found.append(answer)
        if item.get("name"):
            done[str(item["name"])] = answer
    return [None if answer is None or _is_left_out(item, answer, needed) else _shown(answer, with_headers)
            for item, answer in zip(items, found, strict=True)]


def _items(call: Call) -> list[JsonObject]:
    items = nested(call.parameters, "batch")
    if not isinstance(items, list) or not items:
        raise errors.invalid("Param batch must be an array.")
    if len(items) > MOST:
        raise errors.invalid(f"Too many requests in batch message. Maximum batch size is {MOST}")
    for item in items:
        if not isinstance(item, dict) or item.get("method") not in _METHODS or not isinstance(
                item.get("relative_url"), str) or not isinstance(item.get("body", ""), str):
            raise errors.invalid("Each request in a batch needs a method and a relative_url")
    return items


def _needs(item: JsonObject) -> set[str]:
    named = {found[0] for found in _RESULT.findall(f"{_plain(item['relative_url'])} {_plain(item.get('body', ''))}")}
    return named | ({str(item["depends_on"])} if item.get("depends_on") else set())


def _request(call: Call, item: JsonObject, done: Mapping[str, Answer | None]) -> Request:
    for name in sorted(_needs(item)):
        earlier = done.get(name)
        if earlier is None or earlier.status != 200:
            raise _Failed(f"The request depends on '{name}', which was not done")
    try:
        parts = urlsplit(_filled(item["relative_url"], done).lstrip("/"))
    except ValueError as unreadable:
        raise _Failed("The relative_url cannot be read") from unreadable
    segments = tuple(unquote(one) for one in parts.path.split("/") if one)
    if segments and _VERSION.fullmatch(segments[0]):
        version, segments = segments[:1], segments[1:]
    else:
        version = call.request.segments[:1]
    if not segments and item["method"] != "GET":
        raise _Failed("A request of a batch is no batch itself")
    body = _filled(item.get("body", ""), done)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    given = {**query, **dict(parse_qsl(body, keep_blank_values=True))}
    inherited = {} if "access_token" in given else {"access_token": call.token}
    if "appsecret_proof" in call.parameters and not given.keys() & {"appsecret_proof", "access_token"}:
        inherited["appsecret_proof"] = str(call.parameters["appsecret_proof"])
    return replace(
        call.request, method=item["method"], segments=(*version, *segments), query={**query, **inherited},
        body=body.encode(), headers={"content-type": "application/x-www-form-urlencoded"}, files=_files(call, item))


def _files(call: Call, item: JsonObject) -> dict[str, Upload]:
    """Return the files attached to an item; the first one is its `source`, whatever it is called."""
    names = [name.strip() for name in str(item.get("attached_files") or "").split(",") if name.strip()]
    found = {}
    for name in names:
        file = call.parameters.get(name)
        if not isinstance(file, Upload):
            raise _Failed(f"File {name} has not been attached")
        found[name] = file
    return {"source": found[names[0]], **found} if names else {}


def _filled(text: str, done: Mapping[str, Answer | None]) -> str:
    """Put the results of earlier items in; they may stand in the text plain or percent-encoded."""
    if _RESULT.search(text):
        return _RESULT.sub(lambda hit: quote_plus(_result(hit, done), safe=","), text)
    address, mark, pairs = text.rpartition("?")
    if not _RESULT.search(_plain(text)):
        return text
    filled = [(name, _RESULT.sub(lambda hit: _result(hit, done), value))
              for name, value in parse_qsl(pairs, keep_blank_values=True)]
    return _RESULT.sub(lambda hit: _result(hit, done), unquote(address)) + mark + urlencode(filled)


def _result(hit: re.Match[str], done: Mapping[str, Answer | None]) -> str:
    answer = done.get(hit[1])
    values: list[Any] = [json.loads(answer.body)] if answer is not None else []
    for name, index in _STEP.findall(hit[2]):
        values = [inner for value in values for inner in _into(value, name or index)]
    return ",".join(one if isinstance(one, str) else json.dumps(one) for one in values)


def _into(value: Any, step: str) -> list[Any]:
    if step == "*":
        return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    if isinstance(value, list):
        return value[int(step):int(step) + 1] if step.isdecimal() else []
    return [value[step]] if isinstance(value, dict) and step in value else []


def _plain(text: str) -> str:
    return unquote(text.replace("+", " "))


def _is_left_out(item: JsonObject, answer: Answer, needed: set[str]) -> bool:
    return (str(item.get("name")) in needed and answer.status < 400
            and item.get("omit_response_on_success") is not False)


def _shown(answer: Answer, with_headers: bool) -> JsonObject:
    headers = {**answer.headers, "Content-Type": answer.content_type}
    listed = [{"name": name, "value": value} for name, value in headers.items()]
    return {"code": answer.status, **({"headers": listed} if with_headers else {}), "body": answer.body.decode()}
