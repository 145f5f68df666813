"""
Holes in approved text, written `${name}`, and the two steps that fill them.

First whole approved sentences go in, and what an empty sentence leaves behind is tidied away. Then values go in,
once: a value is never looked at for holes. Nothing here can call, index or format, whatever a text says.
"""

import re
from collections.abc import Mapping
from string import Template

_LEFT_OVER = re.compile(r"^[ \t]*[–•-]?[ \t]*$")
_SPACES = re.compile(r"[ \t]{2,}")
_EMPTY_LINES = re.compile(r"\n{3,}")


class _Holes(Template):
    """Only `${name}` is a hole; `$name` and `$$` are faults."""

    idpattern = r"(?!)"
    braceidpattern = r"[a-z][a-z0-9_]*"
    flags = re.ASCII


def names(text: str) -> tuple[str, ...]:
    """Return the holes of `text` in the order they come, each once."""
    return tuple(_Holes(text).get_identifiers())


def is_broken(text: str) -> bool:
    """Tell whether `text` has a `$` that begins no proper hole."""
    return "$$" in text or not _Holes(text).is_valid()


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put every value in once. Raises `KeyError` for a hole without one, `ValueError` for a broken hole."""
    return _Holes(text).substitute(values)


def with_sentences(text: str, sentences: Mapping[str, str]) -> str:
    """Put approved sentences in, and drop the lines, bullets, spaces and paragraphs that empty ones leave behind."""
    lines = []
    for line in text.split("\n"):
        filled = _SPACES.sub(" ", fill(line, sentences)).strip()
        if line.strip() and _LEFT_OVER.match(filled):
            continue
        lines.append(filled)
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip("\n")
