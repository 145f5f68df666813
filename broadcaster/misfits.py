"""
Why a file is no playbook and no register, in words for whoever wrote it: what is wrong, and what to write instead.

Pydantic finds the faults; its own words are for programmers.
"""

import difflib
from collections.abc import Callable, Collection, Mapping
from typing import Any

from broadcaster.errors import Text

_Context = Mapping[str, Any]

_KINDS = {"str": "text in quotes", "int": "a whole number without quotes", "bool": "true or false without quotes"}


def explained(kind: str, key: str, given: object, context: _Context, keys: Collection[str]) -> str | Text:
    """Return what is wrong and what to do about it.

    `kind` is pydantic's name of the fault, `context` what it adds to it, and `keys` every key there is.
    """
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(key, keys, 1)
        meant = f"; write {near[0]}, or remove it" if near else "; remove it, or mend its spelling"
        return f"there is no such key here{meant}"
    if kind == "string_pattern_mismatch":
        return f"{_short(given)} cannot be a name here; {_PATTERNS.get(key, _NAME)}"
    words = _WORDS.get(kind)
    return words(given, context) if words else f"{kind.replace('_', ' ')}; compare with README.md"


def _short(given: object) -> str:
    said = repr(given)
    return said if len(said) <= 40 else f"{said[:36]} …"


def _literal(given: object, context: _Context) -> str:
    return f"{_short(given)} is none of the words for this; choose {context.get('expected')}"


def _wrong_kind(wanted: str) -> Callable[[object, _Context], str]:
    return lambda given, _: f"{_short(given)} is of the wrong kind; write {wanted}"


_NAME = "use small letters, digits and _, and begin with a letter"
_PATTERNS = {
    "id": "use small letters, digits and hyphens, such as dricksvatten",
    "key": "use small letters, digits and hyphens, and begin with a letter",
    "channels": "use a channel's key, such as facebook or 1177_notice",
    "file": "name a file as karta.png or karta.jpg, in small letters, digits and hyphens",
    "languages": "use the tag of a language, such as sv, en or sv-x-lattlast",
}
_WORDS: Mapping[str, Callable[[object, _Context], str | Text]] = {
    "missing": lambda _, __: "is missing; add it",
    "literal_error": _literal,
    "string_type": _wrong_kind(_KINDS["str"]),
    "int_type": _wrong_kind(_KINDS["int"]),
    "bool_type": _wrong_kind(_KINDS["bool"]),
    "list_type": _wrong_kind("a list in square brackets"),
    "dict_type": _wrong_kind("a table, such as { sv = '…', en = '…' }"),
    "model_type": _wrong_kind("a table, such as { sv = '…', en = '…' }"),
    "string_too_short": lambda _, found: Text(
        f"är för kort; skriv minst {found.get('min_length')} tecken",
        f"is too short; write at least {found.get('min_length')} characters",
    ),
    "string_too_long": lambda _, found: Text(
        f"är för lång; skriv högst {found.get('max_length')} tecken",
        f"is too long; write at most {found.get('max_length')} characters",
    ),
    "too_short": lambda _, found: f"is empty; list at least {found.get('min_length')}",
    "greater_than_equal": lambda given, found: Text(
        f"{given} är för lite; skriv {found.get('ge')} eller mer",
        f"{given} is too little; write {found.get('ge')} or more",
    ),
    "less_than_equal": lambda given, found: Text(
        f"{given} är för mycket; skriv {found.get('le')} eller mindre",
        f"{given} is too much; write {found.get('le')} or less",
    ),
}
