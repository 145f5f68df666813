"""
Who vouches for what a playbook says: for each medical, legal or otherwise risky line a source, or a person's yes.

The words of a line stand in its entry, so whoever changes the line has to look for a source again. A line that still
waits for somebody's yes keeps the whole playbook from being approved.
"""

import re
from collections.abc import Iterator, Sequence

from broadcaster.errors import Conflict, Text, Unsound
from broadcaster.manuscript import Content, Playbook, Source, SourceSpec, strings

#: A source is named, so that it can be found when its address has moved: so many words beside any address.
WORDS_MIN = 3
_ADDRESS = re.compile(r"\S*(?:://|www\.)\S*")
_SIGNED = re.compile(r"\S.*, \d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_VOUCHERS = ("source", "signed", "needs_signoff")
_SAID = ("texts", "blanks", "contacts", "top_line", "answers", "pictures")
#: What a blank has for those who fill it in, and nobody else reads.
_UNSAID = {"label", "help", "examples", "type", "key"}


def source_faults(source: Source, content: Content) -> Iterator[Unsound]:
    """Yield every fault of the sources: words that are in no text, and lines that not exactly one vouches for."""
    said = _said(content)
    for spec in content.playbook.sources or ():
        if reason := _fault(spec, said):
            yield source.fault(("sources",), reason, spec.says)


def waiting(playbook: Playbook) -> tuple[SourceSpec, ...]:
    """Return the lines that somebody must still say yes to."""
    return tuple(spec for spec in playbook.sources or () if spec.needs_signoff)


def needed(lines: Sequence[SourceSpec]) -> Text:
    """Return what must happen before a playbook with these waiting lines can be approved; empty without any."""
    if not lines:
        return Text("", "")
    named = "; ".join(f"”{one.says}” – {one.needs_signoff}" for one in lines)
    quoted = "; ".join(f"'{one.says}' – {one.needs_signoff}" for one in lines)
    return Text(
        f"Krismallen går inte att godkänna än. Det här måste någon säga ja till först: {named}. "
        "Be om ett ja, och skriv vem som gav det och när. Eller ta bort raden.",
        f"The playbook cannot be approved yet. Somebody must say yes to this first: {quoted}. "
        "Ask for that yes, and write who gave it and when. Or take the line out.",
    )


def require_vouched(lines: Sequence[SourceSpec]) -> None:
    """Raise `Conflict` while any of these lines waits for somebody's yes."""
    if lines:
        raise Conflict("needs-signoff", needed(lines))


def _fault(spec: SourceSpec, said: str) -> str | Text | None:
    given = [key for key in _VOUCHERS if getattr(spec, key) is not None]
    if len(given) != 1:
        return f"has {' and '.join(given) or 'nobody who vouches for it'}; write exactly one of {', '.join(_VOUCHERS)}"
    if _tidy(spec.says) not in said:
        return Text(
            f"raden ”{spec.says}” står inte längre i någon text; en ändrad rad behöver en ny källa, "
            "och den skrivs i filen, under [[sources]]",
            "these words are in no text; a changed line needs a new source",
        )
    if spec.source is not None and len(_ADDRESS.sub("", spec.source).split()) < WORDS_MIN:
        return "names no source; write who published it and what it is called, an address alone moves"
    if spec.signed is not None and not _SIGNED.fullmatch(spec.signed):
        return "does not say who signed and when; write signed = 'Chief physician, 2026-12-01'"
    return None


def _said(content: Content) -> str:
    """Return every text and sentence, in all languages, each on a line of its own."""
    playbook, register = content.playbook.model_dump(include=set(_SAID)), content.register_
    parts = (*register.contacts.values(), *register.lines.values(), *register.words.values())
    shared = [part.model_dump() for part in parts]
    found = (text for path, text in strings([playbook, *shared]) if not _UNSAID & set(path))
    return "\n".join(_tidy(text) for text in found)


def _tidy(words: str) -> str:
    return " ".join(words.split())
