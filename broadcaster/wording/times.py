"""When it began, when it was written, what is known, and when the next word comes."""

import re

from broadcaster.errors import Text
from broadcaster.wording.rule import Passage, example, rule
from broadcaster.wording.sentences import sentences

_STALE = re.compile(
    r"\b(i dag|idag|i natt|inatt|i kväll|ikväll|i morgon|imorgon|i morse|i går|igår|i eftermiddag|i förmiddag|nyss|"
    r"just nu|om en stund|inom kort|snart|för tillfället|i dagsläget|"
    r"today|tonight|tomorrow|yesterday|right now|just now|shortly|soon|in a while|at the moment)\b",
    re.IGNORECASE,
)
_FIXED = re.compile(
    r"\bkl(?:ockan|\.)? ?[0-9]{1,2}(?:[.:][0-9]{2})?\b|\b[0-9]{1,2} (?:januari|februari|mars|april|maj|juni|juli|"
    r"augusti|september|oktober|november|december|January|February|March|April|May|June|July|August|September|October|"
    r"November|December)\b|\bat [0-9]{1,2}[.:][0-9]{2}\b",
    re.IGNORECASE,
)
_GUESS = re.compile(
    r"\b(antagligen|förmodligen|troligen|troligtvis|sannolikt|misstänks|spekuler\w*|verkar bero|"
    r"probably|presumably|supposedly|suspected|seems to be caused)\b",
    re.IGNORECASE,
)
_FALSE_CALM = re.compile(
    r"(ingen fara\b|ingen anledning (?:till|att)|under kontroll\b|inget att oroa|behöver inte (?:vara )?oro|"
    r"no cause for|no reason to (?:worry|be alarmed)|under control\b|nothing to worry|no need to worry|don't worry)",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"(vet (?:ännu |vi )?inte|ännu inte|inte känt|inte klart|inte allt|oklart|inte vet|ingen prognos|kan inte säga|"
    r"do not (?:yet )?know|not (?:yet )?known|cannot (?:yet )?say|not know|is unclear|no forecast)",
    re.IGNORECASE,
)
_WORK = re.compile(
    r"\b(arbet\w*|söker efter|letar|utreder|undersöker|lagar|reparer\w*|samlar|provtar|tar prov\w*|släcker|spolar|"
    r"samarbet\w*|räddar|vårdar|svarar för|tar hand om|"
    r"kör ut|delar ut|personalen|work(?:ing|s? (?:on|to))|investigat\w*|looking|repair\w*|collect\w*|"
    r"tak(?:e|ing) samples|leads|leading|staff|searching|flushing)\b",
    re.IGNORECASE,
)
_HERE = re.compile(
    r"\b(här|på den här sidan|i det här inlägget|facebook|webbplats\w*|intranätet|\w+\.se|"
    r"here|on this page|website|intranet)\b",
    re.IGNORECASE,
)
_CALL_AGAIN = re.compile(
    r"(ring (?:igen|en annan|tillbaka|efter|hellre|gärna)|vänta kvar|nästa besked|senaste besked|"
    r"call (?:again|back|another|later|after)|stay on the line|next message|latest message)",
    re.IGNORECASE,
)


@rule(
    "written",
    "error",
    4,
    reason=Text(
        "Ett inlägg delas i flera dagar. Bara en tid med datum är sann hela tiden.",
        "A post is shared for days. Only a time with its date stays true.",
    ),
    source="Kriterium 4; 129 franska varningar: starttid saknades mycket ofta",
    bad=(
        example("Vi återkommer inom kort."),
        example("Just nu är det fel."),
        example("Felet började i natt."),
        example("We will be back shortly.", language="en"),
    ),
    good=(example("Nästa besked kommer senast ${next_update}."), example("Felet började ${start}.")),
)
def has_stale_time(passage: Passage) -> Text | None:
    """A text is shared for days: only absolute times stay true."""
    found = _STALE.search(passage.words)
    if not found:
        return None
    return Text(
        f"säger ”{found[0]}”, som blir gammalt; skriv en tid med datum, eller ${{published}}",
        f"says '{found[0]}', which goes stale; write an absolute time, or ${{published}}",
    )


@rule(
    "written",
    "warning",
    4,
    reason=Text(
        "En tid som står fast i mallen gäller inte händelsen. Tider fylls i.",
        "A time written into the playbook is not the event's. Times are filled in.",
    ),
    source="Kriterium 4; bara typade uppgifter bär fakta",
    bad=(
        example("Vattnet är rent kl. 06.00."),
        example("Felet började 14 mars."),
        example("It began at 02.10.", language="en"),
    ),
    good=(example("Felet började ${start}."), example("Ring igen efter ${klart}."), example("Vänta i 48 timmar.")),
)
def has_fixed_time(passage: Passage) -> Text | None:
    """Opening hours may be meant; a warning says so once."""
    found = _FIXED.search(passage.words)
    if not found:
        return None
    return Text(
        f"har tiden ”{found[0]}” inskriven i texten; gör den till en uppgift av typen time",
        f"has the time '{found[0]}' written into it; make it a blank of the type time",
    )


@rule(
    "said",
    "warning",
    4,
    reason=Text(
        "När det började avgör om det gäller den som läser. Det är det som oftast saknas.",
        "When it began decides whether it concerns the reader. It is what is missing most often.",
    ),
    source="129 franska varningar, övningar och skarpa: starttid och avsändare saknades oftast",
    bad=(
        Passage("facebook", "sv", "Fel i Värmland\n\nVi vet inte varför.", kinds={"orsak": "choice"}),
    ),
    good=(
        Passage("facebook", "sv", "Fel i Värmland\n\nVi vet inte varför.", kinds={"start": "time"}),
        Passage("facebook", "sv", "Nytt\n\nFelet är inte löst.", phase="update", kinds={}),
    ),
)
def asks_for_no_start(passage: Passage) -> Text | None:
    """The first message has room for a time somewhere, whether it is known yet or not."""
    if passage.phase != "first" or not passage.roomy or "time" in passage.kinds.values():
        return None
    return Text(
        "har ingen plats för när det började; lägg till en uppgift av typen time",
        "has no place for when it began; add a blank of the type time",
    )


@rule(
    "written",
    "warning",
    5,
    reason=Text(
        "En gissning som visar sig vara fel kostar nästa besked dess förtroende.",
        "A guess that turns out wrong costs the next message its trust.",
    ),
    source="Kriterium 5: inga gissningar; Region Skånes plan: öppet, snabbt, trovärdigt",
    bad=(
        example("Felet beror troligen på ett strömavbrott."),
        example("It is probably a power cut.", language="en"),
    ),
    good=(example("Vi vet ännu inte vad felet beror på."), example("Orsaken är ${orsak}.")),
)
def guesses(passage: Passage) -> Text | None:
    """What is not confirmed is said to be unknown."""
    found = _GUESS.search(passage.words)
    if not found:
        return None
    return Text(
        f"gissar (”{found[0]}”); skriv det som är bekräftat, eller att ni inte vet",
        f"guesses ('{found[0]}'); write what is confirmed, or that you do not know",
    )


@rule(
    "written",
    "warning",
    5,
    reason=Text(
        "Den som är orolig blir inte lugn av att bli tillsagd att vara det, utan av att veta vad den ska göra.",
        "Nobody is calmed by being told to be calm, but by knowing what to do.",
    ),
    source="Kriterium 5: inget falskt lugn",
    bad=(
        example("Läget är under kontroll."),
        example("Det finns ingen anledning till oro."),
        example("There is nothing to worry about.", language="en"),
    ),
    good=(example("Personalen skriver på papper så länge."), example("Vi beklagar att vi oroade dig.")),
)
def calms_falsely(passage: Passage) -> Text | None:
    """Calm comes from facts and advice."""
    found = _FALSE_CALM.search(passage.words)
    if not found:
        return None
    return Text(
        f"lugnar med ”{found[0]}”; skriv i stället vad som är känt och vad läsaren ska göra",
        f"soothes with '{found[0]}'; say what is known and what to do instead",
    )


@rule(
    "said",
    "warning",
    5,
    reason=Text(
        "Att säga vad ni inte vet gör resten trovärdigt, och sparar frågorna.",
        "Saying what you do not know makes the rest credible, and saves the questions.",
    ),
    source="Kriterium 5: det kända, det okända och det som görs",
    bad=(example("Fel i Värmland\n\nRing 112 i livsfara. Vi arbetar med felet."),),
    good=(
        example("Fel i Värmland\n\nVi vet ännu inte varför. Vi arbetar med felet."),
        example("Fel i Värmland\n\nOrsaken är ett strömavbrott.", known=True),
    ),
)
def hides_what_is_unknown(passage: Passage) -> Text | None:
    """A first message with nothing filled in, where there is room."""
    if passage.known or passage.phase != "first" or not passage.roomy or not (passage.swedish or passage.english):
        return None
    if _UNKNOWN.search(passage.words):
        return None
    return Text(
        "säger inte vad som är okänt när inget är ifyllt; skriv det i uppgiftens mening för okänt",
        "does not say what is unknown when nothing is filled in; say it in a blank's sentence for unknown",
    )


@rule(
    "said",
    "warning",
    5,
    reason=Text(
        "Den som inte ser att någon arbetar med det tror att ingen vet.",
        "Those who do not see that somebody works on it believe that nobody knows.",
    ),
    source="Webbriktlinje R18: vad gör de som ansvarar?",
    bad=(example("Fel i Värmland\n\nVi vet inte varför."),),
    good=(
        example("Fel i Värmland\n\nVi vet inte varför. Tekniker söker efter felet."),
        example("Fel i Värmland\n\nVi vet inte varför.", "1177_notice"),
    ),
)
def says_no_work(passage: Passage) -> Text | None:
    """In the first message, where there is room."""
    if passage.phase != "first" or not passage.roomy or not (passage.swedish or passage.english):
        return None
    if _WORK.search(passage.words):
        return None
    return Text(
        "säger inte vad som görs; skriv vem som arbetar med vad",
        "does not say what is being done; say who works on what",
    )


@rule(
    "said",
    "warning",
    6,
    reason=Text(
        "Ett löfte om nästa besked är värt något först när man vet var det kommer.",
        "A promise of the next message is worth something once one knows where it will come.",
    ),
    source="Kriterium 6: klockslag och plats",
    bad=(example("Fel i Värmland\n\nNästa besked senast ${next_update}."),),
    good=(
        example("Fel i Värmland\n\nNästa besked kommer här senast ${next_update}."),
        example("Phones are down\n\nThe next message will be on this page by ${next_update}.", language="en"),
    ),
)
def promises_nowhere(passage: Passage) -> Text | None:
    """In the sentence that holds the promise."""
    if not (passage.swedish or passage.english):
        return None
    promises = [sentence for sentence in sentences(passage.words) if "${next_update}" in sentence]
    if not promises or any(_HERE.search(sentence) for sentence in promises):
        return None
    return Text(
        "lovar nästa besked men säger inte var; skriv ”här” eller namnet på platsen",
        "promises the next message but not where; write 'here' or the name of the place",
    )


@rule(
    "said",
    "warning",
    6,
    reason=Text(
        "Den som lyssnar kan inte se ett klockslag. Säg när det är värt att ringa igen, eller var beskedet finns.",
        "Those who listen see no clock time. Say when to call again, or where the message is.",
    ),
    source="Kriterium 6 på telefon: när det är dags att ringa igen",
    bad=(example("Du har ringt 1177. Vi kan inte svara.", "1177_phone"),),
    good=(
        example("Du har ringt 1177. Kan det vänta? Ring igen senare.", "1177_phone"),
        example("You have called 1177. Please stay on the line.", "1177_phone", "en"),
    ),
)
def leaves_the_caller_waiting(passage: Passage) -> Text | None:
    """While it goes on."""
    if not passage.spoken or not passage.ongoing or not (passage.swedish or passage.english):
        return None
    if _CALL_AGAIN.search(passage.words):
        return None
    return Text(
        "säger inte när det är dags att ringa igen; skriv ”Ring igen efter …” eller var nästa besked finns",
        "does not say when to call again; write 'Call again after …' or where the next message is",
    )
