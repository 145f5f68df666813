"""The names people and machines go by, in one form, so that nobody is two people by typing differently."""

import re
import unicodedata

from broadcaster.errors import FieldError, Text

#: No name is longer; what is, is nobody's.
LENGTH_TIDIED_MAX = 100
_NAME = re.compile(r"[a-z0-9][a-z0-9.@_-]{1,62}")


def tidy(name: str) -> str:
    """Return `name` as it is kept: NFC, small letters, no space around it; a phone's keyboard adds both."""
    if len(name) > LENGTH_TIDIED_MAX:  # normalising long runs of combining marks takes quadratic time
        return ""
    return unicodedata.normalize("NFC", name.strip().lower())


def fault(name: str) -> FieldError | None:
    """Return what is wrong with a tidied `name`, or None."""
    if _NAME.fullmatch(name):
        return None
    return FieldError(
        "/name",
        Text(
            "Namnet går inte att använda. Skriv 2–63 tecken: a–z, 0–9 och . "
            "@ _ -, med bokstav eller siffra först.",
            "The name cannot be used. Write 2–63 characters: a–z, 0–9 and . @ _ -, a letter or digit first.",
        ),
    )
