"""The first lines: what and where, what to do, and for whom. Most people read nothing else."""

import re

from broadcaster.errors import Text
from broadcaster.wording.rule import Passage, example, rule
from broadcaster.wording.sentences import filled, sentences, steps, tells

OPENING_LENGTH_MAX = 90
HEADING_LENGTH_MAX = 80
STEPS_BEFORE_ADVICE = 3
_LABEL = re.compile(
    r"^(?:viktig(?:t|a)?\b|information\b|meddelande\b|obs\b|aktuellt\b|driftinformation\b|pressmeddelande\b|"
    r"important\b|notice\b|attention\b|announcement\b|message (?:from|to)\b|about\b)",
    re.IGNORECASE,
)
_DANGER = re.compile(r"livsfara|livshotande|danger to life|life.threatening|life (?:is )?in danger", re.IGNORECASE)
#: Advice that nobody dies of not reading first. What protects everybody ("boil", "go indoors") is none of it.
_MILD = re.compile(r"\b(läs (?:råd|mer)|dela|avboka|read (?:advice|more)|share|cancel)\b", re.IGNORECASE)
_WHO_OR_WHAT = re.compile(
    r"\b(?:gäller|drabba\w*|påverka\w*|dig som|du som|den som|alla som|ni som|bor du|fungera\w*|som vanligt|öppe[tn]|"
    r"öppnar|går att|kan fortfarande|i stället|om din|(?:är|var|har|mår|behöver) du|"
    r"concerns?|affects?|affected|people who|those who|if you|you who|"
    r"if your|(?:are|were|do|did|have) you|works?|working|as usual|as planned|open|can still|instead)\b",
    re.IGNORECASE,
)
_QUESTIONS = "Krisinformation på webben (webbriktlinje R18): vad har hänt, vad betyder det för mig, vad ska jag göra"


@rule(
    "said",
    "error",
    1,
    reason=Text(
        "Rubriken står ensam i listor, flöden och notiser. Den måste rymmas och ha texten under sig.",
        "The heading stands alone in lists, feeds and notices. It must fit, and have the text below it.",
    ),
    source="Observerad notis på 1177.se: en rad rubrik, högst omkring 120 tecken",
    bad=(
        example("Ingen rubrik"),
        example("Rubrik\nText direkt"),
        example("Det går inte att ringa 1177 i Värmland eller i något annat av de län som ligger runt Vänern\n\nText."),
    ),
    good=(example("Det går inte att ringa 1177 i Värmland\n\nText."), example("Du har ringt 1177.", "1177_phone")),
)
def has_no_heading(passage: Passage) -> Text | None:
    """The first line stands alone: in feeds, lists and previews."""
    if passage.spoken:
        return None
    heading, *rest = passage.words.split("\n")
    if not heading or not rest or rest[0]:
        return Text(
            "måste börja med en rubrik och sedan en tom rad; lägg till det som saknas",
            "must begin with a heading and then an empty line; add what is missing",
        )
    if len(heading) > HEADING_LENGTH_MAX:
        return Text(
            f"har en rubrik som kan bli {len(heading)} tecken; {HEADING_LENGTH_MAX} får plats, korta den",
            f"has a heading that can become {len(heading)} characters; {HEADING_LENGTH_MAX} fit, shorten it",
        )
    return None


@rule(
    "said",
    "warning",
    1,
    reason=Text(
        "Den första meningen är ofta det enda som läses. Den ska gå att läsa med ett ögonkast.",
        "The first sentence is often all that is read. It must be read at a glance.",
    ),
    source="Kriterium 1 för en kristext: högst 90 tecken, står ensam",
    bad=(
        example(
            "Du har ringt elva sjuttiosju i Värmland, men på grund av ett tekniskt fel hos oss kan ingen svara dig. "
            "Lägg på.",
            "1177_phone",
        ),
    ),
    good=(
        example("Du har ringt elva sjuttiosju i Värmland. Vi kan inte svara.", "1177_phone"),
        example("Det går inte att ringa 1177 i Värmland\n\nText."),
    ),
)
def opens_long(passage: Passage) -> Text | None:
    """One glance is about ninety characters."""
    opening = _opening(passage)
    if len(opening) <= OPENING_LENGTH_MAX:
        return None
    return Text(
        f"har en första mening på {len(opening)} tecken; dela den, {OPENING_LENGTH_MAX} läses med ett ögonkast",
        f"has a first sentence of {len(opening)} characters; split it, {OPENING_LENGTH_MAX} are read at a glance",
    )


@rule(
    "said",
    "warning",
    1,
    reason=Text(
        "En text delas långt utanför länet. Den första meningen ska säga var.",
        "A text is shared far outside the county. The first sentence must say where.",
    ),
    source="Kriterium 1; 1177.se säger själv ”Det här meddelandet avser” och regionens namn",
    bad=(
        example("Det går inte att ringa 1177\n\nText."),
        example("Du har ringt elva sjuttiosju. Vi är i Värmland.", "1177_phone"),
    ),
    good=(
        example("Det går inte att ringa 1177 i Värmland\n\nText."),
        example("Journalsystemet fungerar inte\n\nText.", "intranet"),
    ),
)
def opens_nowhere(passage: Passage) -> Text | None:
    """Places are the register's: its words, its places and what the readers' county is called."""
    if not passage.public or not passage.places or not (passage.swedish or passage.english):
        return None
    opening = _opening(passage).casefold()
    if any(place.casefold() in opening for place in passage.places):
        return None
    return Text(
        "säger inte var i den första meningen; skriv en plats ur registret, till exempel ${omrade}",
        "does not say where in its first sentence; name a place of the register, such as ${omrade}",
    )


@rule(
    "said",
    "warning",
    1,
    reason=Text(
        "”Viktig information” säger ingenting till den som bara läser rubriken.",
        "'Important information' says nothing to those who only read the heading.",
    ),
    source="Kriterium 1; språklagen (2009:600) 11 §: vårdat, enkelt och begripligt",
    bad=(
        example("Viktig information från Region Värmland\n\nText."),
        example("Information om vården i Värmland\n\nText."),
        example("Important notice for Värmland\n\nText.", language="en"),
    ),
    good=(
        example("Koka kranvattnet i Karlstad\n\nText."),
        example("Rättelse: vi skrev fel om 1177 i Värmland\n\nText.", phase="correction"),
    ),
)
def opens_with_label(passage: Passage) -> Text | None:
    """A label tells what kind of text it is, and not what has happened."""
    found = _LABEL.match(_opening(passage))
    if not found:
        return None
    return Text(
        f"börjar med ”{found[0]}”; skriv i stället vad som har hänt och var",
        f"begins with '{found[0]}'; say what has happened and where instead",
    )


@rule(
    "said",
    "warning",
    2,
    reason=Text(
        "Den som är rädd söker det den ska göra. Det står först, med verbet först.",
        "Frightened people look for what to do. It comes first, with its verb first.",
    ),
    source=_QUESTIONS,
    bad=(
        example("Det går inte att ringa 1177 i Värmland\n\nFelet är känt. Tekniker arbetar. Ring 112 i livsfara."),
        example("1177 cannot be called in Värmland\n\nWe know. We work on it. Call 112 in danger.", language="en"),
    ),
    good=(
        example("Det går inte att ringa 1177 i Värmland\n\nÄr någon i livsfara? Ring 112. Felet är känt."),
        example("Det går att ringa 1177 i Värmland\n\nDet stämde inte. Vi beklagar.", phase="false_alarm"),
    ),
)
def tells_late(passage: Passage) -> Text | None:
    """The heading counts, a voice's greeting does not; a question and its answer are one. While it goes on."""
    if not passage.ongoing or not (passage.swedish or passage.english):
        return None
    first = steps(passage.words)[: STEPS_BEFORE_ADVICE + passage.spoken]
    if any(tells(step, passage.language) for step in first):
        return None
    return Text(
        "säger inte vad läsaren ska göra inom de tre första meningarna; flytta upp rådet, med verbet först",
        "does not say what to do within its first three sentences; move the advice up, its verb first",
    )


@rule(
    "said",
    "warning",
    2,
    reason=Text(
        "Det allvarligaste rådet står först: den som är i livsfara har inte tid att läsa resten.",
        "The gravest advice comes first: those in danger have no time for the rest.",
    ),
    source="Kriterium 2: det allvarligaste först",
    bad=(
        example(
            "Det går inte att ringa 1177 i Värmland\n\nLäs råd på 1177.se.\n\nÄr någon i livsfara? Ring ett, ett, två."
        ),
    ),
    good=(
        example("Det går inte att ringa 1177 i Värmland\n\nÄr någon i livsfara? Ring ett, ett, två.\n\nLäs 1177.se."),
        example("Koka kranvattnet i Karlstad\n\nDrick inte kranvattnet okokt."),
    ),
)
def tells_danger_late(passage: Passage) -> Text | None:
    """Below the heading; what protects everybody ("boil", "go indoors") may come before, what can wait may not."""
    if not passage.public or not passage.ongoing:
        return None
    for step in steps(passage.words)[1:]:
        if _DANGER.search(step):
            return None
        if mild := _MILD.search(step):
            break
    else:
        return None
    if not _DANGER.search(passage.words):
        return None
    return Text(
        f"säger vad den som är i livsfara ska göra först efter ett mildare råd (”{mild[0]}”); flytta upp det",
        f"says what to do in danger to life only after milder advice ('{mild[0]}'); move it up",
    )


@rule(
    "said",
    "warning",
    3,
    reason=Text(
        "Den som inte vet om det gäller den själv, eller vad som fungerar, ringer och frågar.",
        "Those who do not know whether it concerns them, or what still works, call and ask.",
    ),
    source=_QUESTIONS,
    bad=(example("Fel på telefonin i Värmland\n\nVi arbetar med felet."),),
    good=(
        example("Fel på telefonin i Värmland\n\nDet gäller dig som ringer 1177. Ring 112 som vanligt."),
        example("Phones are down in Värmland\n\n112 works as usual.", language="en"),
        example("Fel på telefonin i Värmland\n\nVi arbetar med felet.", "1177_notice"),
    ),
)
def names_nobody(passage: Passage) -> Text | None:
    """In the first message where there is room, and only when none of the usual words for it is there."""
    if not passage.roomy or passage.phase != "first" or not (passage.swedish or passage.english):
        return None
    if _WHO_OR_WHAT.search(passage.words):
        return None
    return Text(
        "säger varken vem det gäller eller vad som fungerar; skriv ”Det gäller dig som …” eller ”… fungerar”",
        "says neither whom it concerns nor what works; write 'This concerns you who …' or '… works'",
    )


def _opening(passage: Passage) -> str:
    return next(iter(sentences(filled(passage.words))), "")
