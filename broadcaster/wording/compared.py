"""The same message in two places: the same facts, and not the same words."""

import re

from broadcaster.errors import Text
from broadcaster.wording.rule import Passage, example, rule

#: So much of a text may be runs of three words that another one has too; more than that, and it was pasted.
PASTED = 0.5
_SHINGLE = 3
#: What carries a fact: something known or not, or somewhere people are sent.
_FACTS = frozenset({"place", "time", "phone", "link", "choice", "text", "contact"})
_HOLE = re.compile(r"\$\{([a-z0-9_]+)\}")
_SPOKEN_NUMBER = re.compile(r"[0-9]+")


@rule(
    "compared",
    "warning",
    3,
    reason=Text(
        "Den som läser på ett annat språk ska få veta lika mycket.",
        "Those who read in another language must learn as much.",
    ),
    source="Kriterium 12; samma fakta på alla språk",
    bad=(
        example("Felet började ${start}.", beside=example("We do not know why.", language="en")),
        example("Vi vet inte varför.", beside=example("It began ${start}.", language="en")),
    ),
    good=(example("Felet började ${start}.", beside=example("It began ${start}.", language="en")),),
)
def differs_by_language(passage: Passage) -> Text | None:
    """The same holes with facts in both; `beside` is the same channel in another language."""
    other = passage.beside
    if other is None or other.channel != passage.channel:
        return None
    here, there = _facts(passage), _facts(other)
    if here == there:
        return None
    odd = ", ".join(f"${{{name}}}" for name in sorted(here ^ there))
    return Text(
        f"säger inte samma sak på {passage.language} och {other.language}: {odd} finns bara på ett av språken; "
        "lägg till eller ta bort",
        f"does not say the same in {passage.language} and {other.language}: {odd} is in one of them only; "
        "add or remove it",
    )


@rule(
    "compared",
    "warning",
    3,
    reason=Text(
        "Ett tal som bara står på ett språk är fel på det ena av dem.",
        "A figure that stands in one language only is wrong in one of them.",
    ),
    source="NL-Alert 2019: fel nummer i en text som flera hade läst",
    bad=(example("Vänta 48 timmar.", beside=example("Wait 24 hours.", language="en")),),
    good=(
        example("Vänta 48 timmar.", beside=example("Wait 48 hours.", language="en")),
        example("Ring elva.", "1177_phone", beside=example("Call eleven.", "1177_phone", "en")),
    ),
)
def counts_differently(passage: Passage) -> Text | None:
    """Digits outside holes; `beside` is the same channel in another language."""
    other = passage.beside
    if other is None or other.channel != passage.channel:
        return None
    here, there = (set(_SPOKEN_NUMBER.findall(_HOLE.sub(" ", one.words))) for one in (passage, other))
    if here == there:
        return None
    odd = ", ".join(sorted(here ^ there))
    return Text(
        f"har talet {odd} bara på ett av språken {passage.language} och {other.language}; rätta det som är fel",
        f"has the figure {odd} in only one of {passage.language} and {other.language}; correct the wrong one",
    )


@rule(
    "compared",
    "warning",
    3,
    reason=Text(
        "Den egna sidan är den alla andra hänvisar till. Det som står någonstans ska stå där.",
        "Your own page is the one all others point to. What stands anywhere must stand there.",
    ),
    source="Kriterium 11: samma fakta i alla kanaler; krisinformation.se vidareförmedlar det som står på egna webben",
    bad=(
        example(
            "Felet började ${start}. ${orsak}",
            beside=example("Felet började ${start}.", "own_web"),
        ),
    ),
    good=(
        example("Felet började ${start}.", beside=example("Felet började ${start}. ${orsak}", "own_web")),
        example("Felet började ${start}.", "intranet", beside=example("Fel.", "own_web")),
    ),
)
def knows_more_than_our_page(passage: Passage) -> Text | None:
    """`beside` is our own page in the same phase and language."""
    other = passage.beside
    if other is None or other.channel != "own_web" or not passage.public or passage.channel == "own_web":
        return None
    missing = _facts(passage) - _facts(other)
    if not missing:
        return None
    odd = ", ".join(f"${{{name}}}" for name in sorted(missing))
    return Text(
        f"säger {odd}, som den egna sidan inte säger; lägg till det där",
        f"says {odd}, which your own page does not; add it there",
    )


@rule(
    "compared",
    "warning",
    3,
    reason=Text(
        "Den som bara läser Facebook ska veta lika mycket som den som läser sidan.",
        "Those who only read Facebook must know as much as those who read the page.",
    ),
    source="Kriterium 11: samma fakta i alla kanaler, egna ord i varje",
    bad=(
        example("Fel. ${n112}", beside=example("Felet började ${start}. ${n112}", "own_web")),
    ),
    good=(
        example("${start} ${orsak}", beside=example("${orsak} ${start}", "own_web")),
        example("Fel.", "1177_notice", beside=example("Felet började ${start}.", "own_web")),
        example("${start}", beside=example("${start} ${n112}", "own_web")),
    ),
)
def leaves_out_a_fact(passage: Passage) -> Text | None:
    """Where there is room; `beside` is our own page. Where to turn is each channel's own business."""
    other = passage.beside
    if other is None or other.channel != "own_web" or not passage.roomy or passage.channel == "own_web":
        return None
    missing = {name for name in _facts(other) - _facts(passage) if other.kinds.get(name) != "contact"}
    if not missing:
        return None
    odd = ", ".join(f"${{{name}}}" for name in sorted(missing))
    return Text(
        f"säger aldrig {odd}, som den egna sidan säger; lägg till det, här finns plats",
        f"never says {odd}, which your own page says; add it, there is room",
    )


@rule(
    "compared",
    "warning",
    11,
    reason=Text(
        "Att klistra in notisen på Facebook fungerar inte. Människor läser, frågar och delar på andra sätt där.",
        "Pasting the notice on Facebook does not work. People read, ask and share in other ways there.",
    ),
    source="En regions kommunikatörer om sin vardag: ett inklistrat pressmeddelande fungerar inte på Facebook",
    bad=(
        example(
            "Rubrik\n\nFelet är inte löst. Råd om vård finns på vår webbplats. Har du en bokad tid? Kom som vanligt.",
            beside=example(
                "Rubrik\n\nFelet är inte löst. Råd om vård finns på vår webbplats. Har du en bokad tid? Kom nu.",
                "1177_notice",
            ),
        ),
    ),
    good=(
        example(
            "Rubrik\n\nVi vet ännu inte vad felet beror på. Dela gärna, så att fler får veta.",
            beside=example("Rubrik\n\nFelet är inte löst. Råd finns på vår webbplats.", "1177_notice"),
        ),
    ),
)
def is_pasted(passage: Passage) -> Text | None:
    """Facebook beside the notice, in the writer's own words: sentences of blanks and contacts are shared by design."""
    other = passage.beside
    if other is None or passage.channel != "facebook" or other.channel != "1177_notice":
        return None
    here, there = _shingles(passage), _shingles(other)
    if not here or len(here & there) / len(here) <= PASTED:
        return None
    return Text(
        "har nästan samma ord som notisen på 1177; skriv en text för Facebook",
        "has nearly the words of the notice on 1177; write a text for Facebook",
    )


def _facts(passage: Passage) -> frozenset[str]:
    named = set(_HOLE.findall(passage.words))
    return frozenset(name for name in named if passage.kinds.get(name) in _FACTS)


def _shingles(passage: Passage) -> set[tuple[str, ...]]:
    """Return every run of three words below the heading, across no hole and no line."""
    body = passage.words.partition("\n\n")[2]
    found: set[tuple[str, ...]] = set()
    for run in re.split(r"\$\{[a-z0-9_]+\}|\n", body.lower()):
        read = re.findall(r"\w+", run)
        found |= {tuple(read[start : start + _SHINGLE]) for start in range(len(read) - _SHINGLE + 1)}
    return found
