"""
The tags and the words of any HTML, in one pass and in time that grows with its length alone.

The standard library's parser takes hours for a megabyte of `<a <a <a`, and raises at some malformed declarations.
What is read here comes from machines of others, and whoever reads it has crisis messages to send meanwhile.
Where a tag or a comment never ends, browsers show nothing of what follows; so it ends there.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import Literal

Piece = tuple[Literal["start", "end", "text"], str]

#: What begins a tag, a comment or a declaration; any other `<` is a plain character.
_OPENING = re.compile(r"<(?:(?P<comment>!--)|(?P<end>/)?(?P<tag>[A-Za-z][^\s/>]*)|(?P<other>[!?/]))")
#: The rest of a tag: a quoted value may have any character. Nothing of it is ever tried twice.
_REST = re.compile(r"(?>[^>=]+|=\s*+(?:\"[^\"]*\"|'[^']*')?+)*+>")
_COMMENT_END = re.compile(r"--!?>")
#: Inside these, `<` is a plain character until their own end.
_RAW = {tag: re.compile(rf"(?=</{tag}[\s/>])", re.IGNORECASE) for tag in ("script", "style", "textarea", "title")}
#: No character has so long a number, and Python refuses to read the longest.
_NO_CHARACTER = re.compile(r"&#(?:[0-9]{9,}|[xX][0-9A-Fa-f]{9,});?")


def pieces(page: str) -> Iterator[Piece]:
    """Yield the tags, in small letters, and the text between them, in order. Raises nothing, whatever `page` is."""
    at = 0
    while (opening := _OPENING.search(page, at)) is not None:
        yield from _text(page[at : opening.start()])
        tag = (opening["tag"] or "").lower()
        end = _end(page, opening)
        if end is None:
            return
        at = end
        if tag:
            yield ("end" if opening["end"] else "start"), tag
        if tag in _RAW and not opening["end"] and page[at - 2] != "/":  # `<title/>`, as drawings have it, is whole
            closing = _RAW[tag].search(page, at)
            if closing is None:
                return
            yield from _text(page[at : closing.start()])
            at = closing.start()
    yield from _text(page[at:])


def _end(page: str, opening: re.Match[str]) -> int | None:
    """Return where what was opened has ended, None where it never does."""
    if opening["comment"]:
        ended = _COMMENT_END.search(page, opening.start() + 2)  # `<!-->` is a whole one
        return ended.end() if ended else None
    if opening["tag"]:
        rest = _REST.match(page, opening.end())
        return rest.end() if rest else None
    found = page.find(">", opening.end())
    return found + 1 if found >= 0 else None


def _text(raw: str) -> Iterator[Piece]:
    if raw:
        yield "text", unescape(_NO_CHARACTER.sub("\ufffd", raw))
