"""
How long an SMS is: the alphabet of GSM 03.38, its septets, and its parts.

A text in this alphabet has 160 septets in one SMS and 153 in each part of a longer one. A single character outside
it (a long dash, a curly quote, any Arabic letter) turns the whole text into UCS-2, with 70 and 67, so that an alarm
of two parts becomes one of five. å ä ö Å Ä Ö É é are inside.
"""

import math
import unicodedata

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: Each of these takes two septets: an escape before it.
_EXTENDED = frozenset("\f^{}\\[~]|€")
#: What is typed most and has a neighbour that says the same.
_NEIGHBOURS = str.maketrans(
    {"–": "-", "—": "-", "−": "-", "‑": "-", "…": "...", "“": '"', "”": '"', "„": '"', "»": '"', "«": '"',
     "‘": "'", "’": "'", "\u00a0": " ", "\u202f": " ", "\t": " ", "•": "*", "·": "-", "×": "x"}
)  # fmt: skip
ONE_PART, PART_OF_MANY = 160, 153
ONE_PART_UCS2, PART_OF_MANY_UCS2 = 70, 67


def plain(text: str) -> str:
    """Return `text` in the alphabet: its nearest neighbour for each character outside it, `?` where there is none."""
    return "".join(_near(one) for one in unicodedata.normalize("NFC", text).translate(_NEIGHBOURS))


def septets(text: str) -> int:
    """Return the length of `text` in septets. Raises `ValueError` for a character outside the alphabet."""
    outside = sorted({one for one in text if one not in _BASIC and one not in _EXTENDED})
    if outside:
        raise ValueError(f"not in the alphabet of an SMS: {outside}")
    return len(text) + sum(one in _EXTENDED for one in text)


def parts(text: str) -> int:
    """Return how many SMS `text` is sent and paid as, whatever alphabet it needs."""
    try:
        length, one, many = septets(text), ONE_PART, PART_OF_MANY
    except ValueError:
        length, one, many = len(text.encode("utf-16-be")) // 2, ONE_PART_UCS2, PART_OF_MANY_UCS2
    return 1 if length <= one else math.ceil(length / many)


def shortened(text: str, room: int) -> str:
    """Return `text`, of the alphabet, in at most `room` septets; if it is cut, at a word and with three dots."""
    if septets(text) <= room:
        return text
    kept, left = "", room - 3
    for one in text:
        left -= septets(one)
        if left < 0:
            break
        kept += one
    whole, gap, _ = kept.rpartition(" ")
    return (whole if gap and len(whole) > len(kept) // 2 else kept).rstrip(" ,.:;-") + "..." if room > 3 else ""


def _near(one: str) -> str:
    if one in _BASIC or one in _EXTENDED:
        return one
    bare = unicodedata.normalize("NFKD", one)[:1]
    return bare if bare in _BASIC else "?"
