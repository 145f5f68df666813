"""
What a good crisis text must have, one pure function per rule. Each returns what is wrong, or None.

`AS_WRITTEN` rules read one approved sentence or text with its holes; `AS_SAID` rules read whole words with their holes
filled. They are few and certain: what needs judgement is left to the two people who approve.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from broadcaster.channels import limit_of
from broadcaster.phrasing import SPOKEN

HEADING_LENGTH_MAX = 80


@dataclass(frozen=True)
class Passage:
    """Words in one place. `names` are values the register has contacts for, and whether texts may say them as names."""

    channel: str
    language: str
    words: str
    names: tuple[tuple[str, bool], ...] = ()

    @property
    def spoken(self) -> bool:
        """Whether a voice reads them."""
        return self.channel in SPOKEN


Rule = Callable[[Passage], str | None]

_HOLE = re.compile(r"\$\{[a-z0-9_]*\}")
_MARKUP = re.compile(r"\*\*|__|<[a-z/!]|&[a-z]+;|&#|\]\(|^#+ ", re.IGNORECASE | re.MULTILINE)
_STALE = re.compile(
    r"\b(i dag|idag|i natt|inatt|i kväll|ikväll|i morgon|imorgon|i morse|i går|igår|i eftermiddag|i förmiddag|nyss|"
    r"just nu|om en stund|inom kort|snart|för tillfället|"
    r"today|tonight|tomorrow|yesterday|right now|just now|shortly|soon|in a while|at the moment)\b",
    re.IGNORECASE,
)
_STIFF = re.compile(
    r"\b(eventuella olägenheter|på grund av rådande|vänligen|erhåll\w*|beträffande|avseende|samtliga|ovanstående|"
    r"inconvenience|regarding|aforementioned|obtain)\b",
    re.IGNORECASE,
)
_CAPITALS = re.compile(r"\b(?!ÖVNING\b|EXERCISE\b)[A-ZÅÄÖ]{5,}\b")
_INVISIBLE = re.compile(
    "[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00a0\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]"
)
_NUMBER = re.compile(r"(?<![0-9])\+?[0-9](?:[ -]?[0-9]){4,}(?![0-9])")
#: Tells to call, and does not only tell of calling: "ring 1177", not "it is possible to call 1177".
_TELLS_TO_CALL = r"(?:\b(?:ring|dial)|(?:^|[.!?:–] |\b(?:please|and|or|then|instead) )call)"
_EMERGENCY = re.compile(r"(?<![0-9])112(?![0-9])|\b(ett, ett, två|one, one, two)\b")
_DANGER = re.compile(r"livsfara|livshotande|danger to life|life.threatening|life (?:is )?in danger", re.IGNORECASE)


def says_vma(passage: Passage) -> str | None:
    """VMA is a legal term; only those with the right may send one (lag 2023:407)."""
    return "says VMA, which only those with the right to may send" if re.search(r"\bVMA\b", passage.words) else None


def has_markup(passage: Passage) -> str | None:
    """Words are plain text in every channel; each channel adds its own form."""
    found = _MARKUP.search(passage.words)
    return f"has markup ({found[0]}); words are plain text" if found else None


def has_stale_time(passage: Passage) -> str | None:
    """A text is shared for days: only absolute times stay true."""
    found = _STALE.search(passage.words)
    return f"says '{found[0]}', which goes stale; write an absolute time" if found else None


def is_stiff(passage: Passage) -> str | None:
    """Frightened people read once."""
    found = _STIFF.search(passage.words)
    return f"says '{found[0]}'; write plainer" if found else None


def shouts(passage: Passage) -> str | None:
    """Capitals frighten, and are read letter by letter."""
    found = _CAPITALS.search(passage.words)
    return f"shouts '{found[0]}'; write without capitals" if found else None


def has_invisible(passage: Passage) -> str | None:
    """What nobody sees, nobody approved."""
    found = _INVISIBLE.search(passage.words)
    return f"has an invisible character U+{ord(found[0]):04X}" if found else None


def has_loose_number(passage: Passage) -> str | None:
    """A number in running text cannot be left out when the crisis strikes it."""
    words = _HOLE.sub(" ", passage.words)
    if found := _NUMBER.search(words):
        return f"has the number {found[0]}; numbers come from the register or a blank"
    for value, is_name in passage.names:
        loose = rf"(?<![\w.]){re.escape(value)}(?!\w|\.\w)"
        calls = rf"{_TELLS_TO_CALL} {loose}"
        if re.search(calls if is_name else loose, words, re.IGNORECASE):
            return f"sends people to {value} in running text; use its hole, so that it can be left out"
    return None


def has_digits_to_speak(passage: Passage) -> str | None:
    """A voice reads 1177 as a sum of money; written out, it says what is meant."""
    found = re.search(r"[0-9]+", _HOLE.sub(" ", passage.words)) if passage.spoken else None
    return f"has the digits {found[0]} for a voice to read; write them as words" if found else None


def is_too_long(passage: Passage) -> str | None:
    """Longer than this, the channel cuts it or nobody reads on."""
    limit, length, words = limit_of(passage.channel), len(passage.words), len(passage.words.split())
    if length > limit.characters:
        return f"can become {length} characters; {passage.channel} holds {limit.characters}"
    if limit.words is not None and words > limit.words:
        return f"can become {words} spoken words; {passage.channel} holds {limit.words}"
    return None


def has_no_heading(passage: Passage) -> str | None:
    """The first line stands alone: in feeds, lists and previews."""
    if passage.spoken:
        return None
    heading, *rest = passage.words.split("\n")
    if not heading or not rest or rest[0]:
        return "must begin with a heading and an empty line after it"
    if len(heading) > HEADING_LENGTH_MAX:
        return f"has a heading that can become {len(heading)} characters; {HEADING_LENGTH_MAX} fit"
    return None


def is_misshapen(passage: Passage) -> str | None:
    """Paragraphs are parted by one empty line, and nothing trails."""
    lines = passage.words.split("\n")
    if (
        any(line != line.strip() for line in lines)
        or "\n\n\n" in passage.words
        or passage.words.strip() != passage.words
    ):
        return "has stray spaces or empty lines"
    if passage.spoken and len(lines) > 1:
        return "has line breaks; a voice needs one run of sentences"
    return None


def misuses_emergency(passage: Passage) -> str | None:
    """112 is for danger to life, and every text that names it says so in the same paragraph."""
    for paragraph in passage.words.split("\n\n"):
        if _EMERGENCY.search(paragraph) and not _DANGER.search(paragraph):
            return "names 112 without saying that it is for danger to life"
    return None


AS_WRITTEN: tuple[Rule, ...] = (
    says_vma,
    has_markup,
    has_stale_time,
    is_stiff,
    shouts,
    has_invisible,
    has_loose_number,
    has_digits_to_speak,
)
AS_SAID: tuple[Rule, ...] = (has_no_heading, is_misshapen, misuses_emergency, is_too_long)


@lru_cache(maxsize=8192)
def faults_as_written(passage: Passage) -> tuple[str, ...]:
    """Return what `AS_WRITTEN` finds wrong; ten playbooks share most of their sentences, and each is judged once."""
    return tuple(reason for rule in AS_WRITTEN if (reason := rule(passage)))


def words_per_sentence(words: str) -> float:
    """Return the average, for judging; a line ends a sentence too. Twelve is easy, twenty is not."""
    counted = re.sub(r"\bkl\. ?", "kl ", words)
    sentences = [part for part in re.split(r"[.!?:](?=\s|$)|\n", counted) if part.strip()]
    return sum(len(sentence.split()) for sentence in sentences) / max(1, len(sentences))
