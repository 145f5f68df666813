"""
Changing values inside a playbook's file, so that its comments, order and layout stay as somebody once put them.

The text is walked as TOML 1.0 is written, far enough to know where each value begins and ends; only those places are
written anew. The result is then read by the standard library and refused unless exactly the wanted values changed, so
a file this walk does not understand is left alone, and never harmed.
"""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

#: The keys that lead to a value; of something in a list, its number from 0.
Path = tuple[str, ...]
Value = str | int

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r"""[ \t]*(?:([A-Za-z0-9_-]+)|"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)')[ \t]*""")
_PLAIN = re.compile(r"[^\s,\]}#]+(?: [0-9][^\s,\]}#]*)?")
_STRINGS = (
    re.compile(r'"""(?:[^\\"]|\\.|"(?!""))*"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)
#: A quote that could be taken for a part of the three that end a text.
_AMBIGUOUS = re.compile(r'(?<=")"|"\Z')
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\t": "\\t", "\f": "\\f", "\r": "\\r", "\n": "\\n"}


def rewritten(text: bytes, changes: Mapping[Path, Value]) -> bytes:
    """Return the file with these values in the places of others, and nothing else different.

    A text over several lines keeps the line breaks at its ends. Raises `ValueError` for a place the file has not, and
    for a file that is written in a way that this cannot follow.
    """
    source = text.decode("utf-8")
    places = _Walk(source).places()
    made = source
    for path, value in sorted(changes.items(), key=lambda one: -places.get(one[0], (0, 0))[0]):
        if path not in places:
            raise ValueError(f"the file has no {'.'.join(path)}")
        start, end = places[path]
        made = made[:start] + _written(value, source[start:end]) + made[end:]
    if _leaves(_read(made)) != _leaves(_read(source)) | dict(changes):
        raise ValueError("the file is written in a way that cannot be changed here; change it by hand")
    return made.encode("utf-8")


def values(text: bytes) -> dict[Path, Value]:
    """Return every string and number of the file by where it is. Raises `TOMLDecodeError`."""
    return _leaves(_read(text.decode("utf-8")))


def _read(source: str) -> dict[str, Any]:
    return tomllib.loads(source.replace("\r\n", "\n"))


def _leaves(thing: object, path: Path = ()) -> dict[Path, Any]:
    found: dict[Path, Any] = {}
    items = thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else ()
    for key, inner in items:
        if isinstance(inner, dict | list):
            found |= _leaves(inner, (*path, str(key)))
        else:
            found[(*path, str(key))] = inner
    return found


def _written(value: Value, before: str) -> str:
    """Return a value as TOML, over several lines where it has some or the one before stood so."""
    if isinstance(value, int):
        return str(value)
    if "\n" not in value and not before.startswith(('"""', "'''")):
        return f'"{"".join(_escaped(mark) for mark in value)}"'
    inside = _AMBIGUOUS.sub(r'\\"', "".join(mark if mark in '"\n\t' else _escaped(mark) for mark in value))
    return f'"""\n{inside}"""'


def _escaped(mark: str) -> str:
    return _ESCAPES.get(mark) or (f"\\u{ord(mark):04X}" if mark < " " or mark == "\x7f" else mark)


class _Walk:
    """One pass over a file, which is known to be TOML."""

    def __init__(self, source: str) -> None:
        _read(source)
        self._source, self._at = source, 0
        self._places: dict[Path, tuple[int, int]] = {}
        self._lists: dict[Path, int] = {}

    def places(self) -> dict[Path, tuple[int, int]]:
        """Return where each value stands, from its first character to behind its last."""
        table: Path = ()
        while self._skip() < len(self._source):
            if self._source.startswith("[[", self._at):
                table = self._header("[[", "]]", new=True)
            elif self._source.startswith("[", self._at):
                table = self._header("[", "]", new=False)
            else:
                self._pair(table)
        return self._places

    def _header(self, opening: str, closing: str, *, new: bool) -> Path:
        self._at += len(opening)
        keys = self._keys()
        self._expect(closing)
        path: Path = ()
        for key in keys[:-1]:
            path = self._inside((*path, key))
        path = (*path, keys[-1])
        if new:
            self._lists[path] = self._lists.get(path, -1) + 1
        return self._inside(path)

    def _inside(self, path: Path) -> Path:
        """Return a path; within a list of tables it goes on in the last of them."""
        return (*path, str(self._lists[path])) if path in self._lists else path

    def _pair(self, table: Path) -> None:
        keys = self._keys()
        self._expect("=")
        self._value((*table, *keys))

    def _value(self, path: Path) -> None:
        self._skip()
        start = self._at
        if self._source.startswith("[", start):
            self._several(path, "]")
        elif self._source.startswith("{", start):
            self._several(path, "}")
        else:
            found = next((hit for kind in (*_STRINGS, _PLAIN) if (hit := kind.match(self._source, start))), None)
            if found is None:
                raise ValueError("a value cannot be found")
            self._at = found.end()
            self._places[path] = (start, self._at)

    def _several(self, path: Path, closing: str) -> None:
        self._at += 1
        number = 0
        while self._source[self._skip()] != closing:
            if closing == "]":
                self._value((*path, str(number)))
            else:
                self._pair(path)
            number += 1
            if self._source[self._skip()] == ",":
                self._at += 1
        self._at += 1

    def _keys(self) -> Path:
        keys: list[str] = []
        while found := _KEY.match(self._source, self._at):
            keys.append(next(part for part in found.groups() if part is not None))
            self._at = found.end()
            if not self._source.startswith(".", self._at):
                return tuple(keys)
            self._at += 1
        raise ValueError("a key cannot be found")

    def _expect(self, mark: str) -> None:
        self._skip()
        if not self._source.startswith(mark, self._at):
            raise ValueError(f"{mark} cannot be found")
        self._at += len(mark)

    def _skip(self) -> int:
        found = _BLANK.match(self._source, self._at)
        self._at = found.end() if found else self._at
        return self._at
