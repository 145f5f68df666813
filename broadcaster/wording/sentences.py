"""
How words are cut into what people read one at a time, and which of it tells somebody to do something.

Nothing here judges. A language we cannot read (anything but Swedish and English) is never said to lack anything.
"""

import re
from collections.abc import Iterator

#: What the holes a message fills by itself look like, so that they count for as much as a reader reads.
_SAMPLES = {
    "next_update": "lördag 14 mars kl 03.45",
    "published": "lördag 14 mars 2026 kl 02.40",
    "link": "kris.region.example/m/RV-2026-0031",
    "mark": "RV-2026-0031/1",
}
_SAMPLE_HOLE = re.compile(r"\$\{(" + "|".join(_SAMPLES) + r")\}")
_BULLET = re.compile(r"^[–•-]\s*")
#: "Ring", "Ta med", "Åk": what an instruction in Swedish begins with. In English, below.
_SWEDISH = """
    ring åk läs kontakta kom ta sök vänta följ stanna gå stäng koka drick använd lita dela berätta spara fråga lägg
    håll undvik tvätta gör prata försök säg skriv kontrollera boka besök hämta lyssna lämna låt öppna byt var se
    hör visa kör flytta hjälp ställ avboka res bär beställ fortsätt töm spola släck fyll avsluta börja anmäl
    duscha ät häll kasta släng fotografera stäm mät ladda logga klicka svara ge sitt ligg sätt stå vänd skydda täck
    bada diska laga skölj köp låna ställ förvara håll hänvisa dokumentera planera dröj avstå packa meddela tala sluta
    förbered prioritera starta stoppa stryk lär känn tänk titta välj vila vet akta skicka sjukskriv borsta
"""
_ENGLISH = """
    call go read contact come bring seek wait stay boil drink use do don't keep close follow avoid wash check ask
    trust share tell hang try take put turn listen leave help write talk cancel move shut visit show switch
    get look let give fill begin start stop remember ring stand pour throw cook brush bathe shower open hold watch
    book send report plan be make see choose travel drive walk treat rinse clean buy store turn rely think pick
    protect cover lie sit rest document note never always
"""
_VERBS = {"sv": frozenset(_SWEDISH.split()), "en": frozenset(_ENGLISH.split())}
_POLITE = {"please", "gärna", "då", "then", "alltid", "always", "instead", "i", "stället"}


def filled(words: str) -> str:
    """Return `words` with the holes that a message fills by itself as long as they will be."""
    return _SAMPLE_HOLE.sub(lambda hole: _SAMPLES[hole[1]], words)


def sentences(words: str) -> list[str]:
    """Return the sentences of `words` in order; a line ends one too, and a clock time does not."""
    lines = re.sub(r"\bkl\. ?", "kl ", words).split("\n")
    parts = [part.strip() for line in lines for part in re.split(r"(?<=[.!?])(?=\s|$)", _BULLET.sub("", line))]
    return [part for part in parts if part]


def pieces(words: str) -> list[str]:
    """Return what is read in one breath: sentences, cut at a colon as well."""
    counted = re.sub(r"\bkl\. ?", "kl ", words)
    return [part for part in re.split(r"[.!?:](?=\s|$)|\n", counted) if part.strip()]


def steps(words: str) -> list[str]:
    """Return the sentences of `words`, a question together with the answer that comes after it."""
    found: list[str] = []
    asked = ""
    for sentence in sentences(words):
        whole = f"{asked} {sentence}".strip()
        if sentence.endswith("?"):
            asked = whole
            continue
        found.append(whole)
        asked = ""
    return [*found, asked] if asked else found


def words_per_sentence(words: str) -> float:
    """Return the average, for judging; a line ends a sentence too. Twelve is easy, twenty is not."""
    read = pieces(words)
    return sum(len(piece.split()) for piece in read) / max(1, len(read))


def tells(step: str, language: str) -> str:
    """Return the verb that tells somebody what to do, where a clause of `step` begins with one; else nothing."""
    verbs = _VERBS.get(language.partition("-")[0], frozenset())
    for clause in _clauses(step):
        first = next((word for word in re.findall(r"[\w']+", clause.lower()) if word not in _POLITE), "")
        if first in verbs:
            return first
    return ""


def _clauses(step: str) -> Iterator[str]:
    for sentence in re.split(r"(?<=[.!?])\s", step):
        if sentence.endswith("?"):
            continue
        yield from re.split(r"[,:;]\s", _BULLET.sub("", sentence))
