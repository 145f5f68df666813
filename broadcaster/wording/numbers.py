"""Where people are sent: one number a purpose, none that may be down, 112 for danger to life, and who says so."""

import re

from broadcaster.errors import Text
from broadcaster.wording.rule import Passage, example, rule
from broadcaster.wording.sentences import sentences

_HOLE = re.compile(r"\$\{[a-z0-9_]*\}")
_NUMBER = re.compile(r"(?<![0-9])\+?[0-9](?:[ -]?[0-9]){4,}(?![0-9])")
#: Tells to call, and does not only tell of calling: "ring 1177", not "it is possible to call 1177".
_TELLS_TO_CALL = r"(?:\b(?:ring|dial)|(?:^|[.!?:–] |\b(?:please|and|or|then|instead) )call)"
_EMERGENCY = re.compile(r"(?<![0-9])112(?![0-9])|\b(ett, ett, två|one, one, two)\b")
_DANGER = re.compile(r"livsfara|livshotande|danger to life|life.threatening|life (?:is )?in danger", re.IGNORECASE)
#: Numbers a reader could dial: the short ones that everybody knows, and long ones.
_DIALLED = re.compile(r"(?<![\w.-])(?:112|113 ?13|114 ?14|1177(?!\.\w)|\+?0[0-9](?:[ -]?[0-9]){5,})(?![\w-])")
_GENUINE = re.compile(
    r"\b(kontrollera\w*|äkta|samma|stämm\w*|jämför|genuine|check\w*|same|verify|compare)\b", re.IGNORECASE
)
_VMA = re.compile(r"\bVMA\b")


@rule(
    "written",
    "error",
    8,
    reason=Text(
        "VMA är ett lagreglerat meddelande. Bara den som har rätt till det får sända ett.",
        "VMA is a message regulated by law. Only those with the right to may send one.",
    ),
    source="Lag (2023:407) om viktigt meddelande till allmänheten",
    bad=(example("Detta är ett VMA."),),
    good=(example("Räddningstjänsten leder arbetet."),),
)
def says_vma(passage: Passage) -> Text | None:
    """VMA is a legal term; only those with the right may send one (lag 2023:407)."""
    if not _VMA.search(passage.words):
        return None
    return Text(
        "säger VMA, som bara den som har rätt till det får sända; beskriv i stället vad som gäller",
        "says VMA, which only those with the right to may send; say what applies instead",
    )


@rule(
    "written",
    "error",
    7,
    reason=Text(
        "Ett nummer i löpande text står kvar när händelsen har slagit ut det.",
        "A number in running text stays there when the event has struck it.",
    ),
    source="NL-Alert 2019: ett felaktigt nummer gick förbi fem till åtta granskare; Värmland svarar på 112 i samma hus",
    bad=(
        example("Ring 010-000 00 00."),
        example("Ring 112."),
        example("Ring 1177 i stället."),
        example("Please call 1177.", language="en"),
        example("Läs på 1177.se."),
    ),
    good=(
        example("Det går inte att ringa 1177 i Värmland."),
        example("It is not possible to call 1177.", language="en"),
        example("People who call 1177 do not get through.", language="en"),
        example("Behöver du råd? Ring ${reservnummer}."),
    ),
)
def has_loose_number(passage: Passage) -> Text | None:
    """A number in running text cannot be left out when the crisis strikes it."""
    words = _HOLE.sub(" ", passage.words)
    if found := _NUMBER.search(words):
        return Text(
            f"har numret {found[0]}; nummer kommer ur registret eller en uppgift, lägg det där",
            f"has the number {found[0]}; numbers come from the register or a blank, put it there",
        )
    for value, is_name in passage.names:
        loose = rf"(?<![\w.]){re.escape(value)}(?!\w|\.\w)"
        calls = rf"{_TELLS_TO_CALL} {loose}"
        if re.search(calls if is_name else loose, words, re.IGNORECASE):
            return Text(
                f"skickar människor till {value} i löpande text; använd dess hål, så att det kan utelämnas",
                f"sends people to {value} in running text; use its hole, so that it can be left out",
            )
    return None


@rule(
    "written",
    "error",
    7,
    reason=Text(
        "En röst läser 1177 som en summa pengar. Utskrivet säger den vad som menas.",
        "A voice reads 1177 as a sum of money. Written out, it says what is meant.",
    ),
    source="Hur talsynteser läser siffror; SSML 1.1 i fältet",
    bad=(example("Du har ringt 1177.", "1177_phone"),),
    good=(
        example("Du har ringt elva sjuttiosju. ${n112}", "1177_phone"),
        example("Det går inte att ringa 1177 i Värmland."),
    ),
)
def has_digits_to_speak(passage: Passage) -> Text | None:
    """A voice reads 1177 as a sum of money; written out, it says what is meant."""
    found = re.search(r"[0-9]+", _HOLE.sub(" ", passage.words)) if passage.spoken else None
    if not found:
        return None
    return Text(
        f"har siffrorna {found[0]} för en röst att läsa; skriv dem med ord",
        f"has the digits {found[0]} for a voice to read; write them as words",
    )


@rule(
    "said",
    "error",
    7,
    reason=Text(
        "Den som ringer 112 för att fråga tar linjen från den som håller på att dö.",
        "Whoever calls 112 to ask takes the line from somebody who is dying.",
    ),
    source="SOS Alarm: 112 är för nödlägen; 113 13 är för frågor vid kris",
    bad=(
        example("Rubrik\n\nRing 112."),
        example("Rubrik\n\nHar du frågor? Ring 112.\n\nÄr någon i livsfara? Sök vård."),
    ),
    good=(
        example("Rubrik\n\nÄr någon i livsfara? Ring 112."),
        example("Is someone's life in danger? Hang up and call one, one, two.", "1177_phone", "en"),
        example("Otsikko\n\nOnko joku hengenvaarassa? Soita 112.", language="fi"),
    ),
)
def misuses_emergency(passage: Passage) -> Text | None:
    """112 is for danger to life, and every text in a language we can read says so in the same paragraph."""
    if not (passage.swedish or passage.english):
        return None
    for paragraph in passage.words.split("\n\n"):
        if _EMERGENCY.search(paragraph) and not _DANGER.search(paragraph):
            return Text(
                "nämner 112 utan att säga att det är för livsfara; skriv det i samma stycke",
                "names 112 without saying that it is for danger to life; say so in the same paragraph",
            )
    return None


@rule(
    "said",
    "warning",
    7,
    reason=Text(
        "Två nummer i samma mening tvingar läsaren att välja, och då väljs det som är kortast.",
        "Two numbers in one sentence make the reader choose, and the shortest is chosen.",
    ),
    source="Kriterium 7: ett nummer för varje behov",
    bad=(
        example("Fel i Värmland\n\nBehöver du råd? Ring 1177 eller 010-000 00 00."),
        example("Phones are down\n\nCall 112 or 1177.", language="en"),
    ),
    good=(
        example("Fel i Värmland\n\nKommer du inte fram på 1177? Ring 010-000 00 00."),
        example("Fel i Värmland\n\nRing 1177. Läs på 1177.se."),
    ),
)
def offers_two_numbers(passage: Passage) -> Text | None:
    """In one sentence; a question may name the number that does not answer."""
    for sentence in sentences(passage.words):
        found = sorted(set(_DIALLED.findall(sentence)))
        if len(found) > 1:
            listed = ", ".join(found)
            return Text(
                f"har flera nummer i samma mening ({listed}); skriv ett nummer för varje behov",
                f"has several numbers in one sentence ({listed}); write one number a purpose",
            )
    return None


@rule(
    "said",
    "warning",
    8,
    reason=Text(
        "Falska inlägg ser ut som era. Säg hur man ser vad som är äkta.",
        "False posts look like yours. Say how to see what is genuine.",
    ),
    source="Kriterium 8; franska varningar: länken som styrker avsändaren saknades ofta",
    bad=(
        example("Fel i Värmland\n\nRegion Värmland, ${published}, nummer ${mark}. Läs mer: ${link}."),
    ),
    good=(
        example("Fel i Värmland\n\nRegion Värmland, ${published}. Kontrollera att det är äkta: ${link}, ${mark}."),
        example("Fel i Värmland\n\nRegion Värmland, ${published}.", "1177_notice"),
    ),
)
def proves_nothing(passage: Passage) -> Text | None:
    """In the paragraph that has the mark."""
    if not (passage.swedish or passage.english):
        return None
    signed = [paragraph for paragraph in passage.words.split("\n\n") if "${mark}" in paragraph]
    if not signed or any(_GENUINE.search(paragraph) for paragraph in signed):
        return None
    return Text(
        "visar ett nummer men säger inte hur man kontrollerar det; skriv ”Kontrollera att … är äkta”",
        "shows a number but not how to check it; write 'Check that … is genuine'",
    )
