"""The small language of `fields`: names, what is wanted inside them, and how much of an edge.

    id,message,from{name},attachments{media,subattachments{media}},comments.limit(0).summary(true).as(talk)
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox.exchange import JsonObject

_NAME = re.compile(r"\s*(\w+)\s*")
_ARGUMENT = re.compile(r"\.(\w+)\(([^()]*)\)\s*")
_COUNT = re.compile(r"\d{1,4}")
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Field:
    """One name, and what was asked of it. `inside` is empty where everything usual is wanted."""

    name: str
    inside: tuple["Field", ...] = ()
    arguments: Mapping[str, str] = field(default_factory=dict)


def fields(given: JsonObject) -> tuple[Field, ...]:
    """Read the parameter `fields`; empty when it is absent. Raises GraphError (2500) for what cannot be read."""
    asked = given.get("fields")
    text = ",".join(map(str, asked)) if isinstance(asked, list) else str(asked or "")
    found, at = _list(text, 0, 0)
    if at < len(text):
        raise errors.unreadable_fields(text[at])
    return found


def shaped(answer: JsonObject, asked: tuple[Field, ...]) -> JsonObject:
    """Return the answer with what is inside its fields cut down to what was asked for, and named as asked."""
    parts = answer.get("data")
    if isinstance(parts, list):
        return {**answer, "data": [_named(one, asked) if isinstance(one, dict) else one for one in parts]}
    return _named(answer, asked)


def _named(value: JsonObject, asked: tuple[Field, ...]) -> JsonObject:
    found = dict(value)
    for one in asked:
        alias = one.arguments.get("as", one.name)
        if one.name in value:
            found[alias] = _cut(value[one.name], one)
    kept = {one.arguments.get("as", one.name) for one in asked}
    return {name: content for name, content in found.items()
            if name in kept or not any(one.name == name for one in asked)}


def _cut(value: Any, asked: Field) -> Any:
    if not isinstance(value, dict):
        return value
    if not isinstance(value.get("data"), list):
        return _selected(value, asked.inside)
    limit = asked.arguments.get("limit", "")
    data = [_selected(one, asked.inside) for one in value["data"]]
    found = {**value, "data": data[:int(limit)] if _COUNT.fullmatch(limit) else data}
    if asked.arguments.get("summary", "").lower() in ("", "false", "0"):
        found.pop("summary", None)
    return found


def _selected(value: Any, inside: tuple[Field, ...]) -> Any:
    if not inside or not isinstance(value, dict):
        return value
    names = {one.name for one in inside} | {"id"}
    return _named({name: content for name, content in value.items() if name in names}, inside)


def _list(text: str, at: int, depth: int) -> tuple[tuple[Field, ...], int]:
    found: list[Field] = []
    if depth > _DEEPEST:
        raise errors.unreadable_fields(text[at:at + 1])
    while name := _NAME.match(text, at):
        one, at = _one(text, name, depth)
        found.append(one)
        if text[at:at + 1] != ",":
            break
        at += 1
    return tuple(found), at


def _one(text: str, name: re.Match[str], depth: int) -> tuple[Field, int]:
    at, inside, arguments = name.end(), tuple[Field, ...](), dict[str, str]()
    while True:
        if argument := _ARGUMENT.match(text, at):
            arguments[argument[1]] = argument[2].strip()
            at = argument.end()
        elif text[at:at + 1] == "{":
            inside, at = _list(text, at + 1, depth + 1)
            if text[at:at + 1] != "}":
                raise errors.unreadable_fields(text[at:at + 1])
            at += 1
        else:
            return Field(name[1], inside, arguments), at
