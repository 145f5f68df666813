"""Plain words in a calm voice: read once, by somebody who is frightened, or for whom Swedish is new."""

import re
from collections.abc import Mapping

from broadcaster.errors import Text
from broadcaster.wording.rule import Passage, example, rule
from broadcaster.wording.sentences import filled, pieces, steps, tells, words_per_sentence

SENTENCE_WORDS_MAX = 25
SENTENCE_WORDS_USUAL = 12
_LAW = "Språklagen (2009:600) 11 §: språket i offentlig verksamhet ska vara vårdat, enkelt och begripligt"
_STIFF = re.compile(
    r"\b(eventuella olägenheter|på grund av rådande|vänligen|erhåll\w*|beträffande|avseende|samtliga|ovanstående|"
    r"inconvenience|regarding|aforementioned|obtain)\b",
    re.IGNORECASE,
)
#: What officials say, and what people say. The key is how it is found, whole words only.
REPLACEMENTS: Mapping[str, Mapping[str, str]] = {
    "sv": {
        r"t\.? ?ex\.?": "till exempel", r"bl\.? ?a\.?": "bland annat", r"d\.?v\.?s\.?": "det vill säga",
        r"ca\.?": "ungefär", r"cirka": "ungefär", r"p\.? ?g\.? ?a\.?": "därför att",
        r"o\.? ?s\.? ?v\.?": "och så vidare",
        r"m\.? ?m\.": "med mera", r"resp\.?": "och", r"f\.? ?n\.": "nu", r"fr\.? ?o\.? ?m\.?": "från och med",
        r"t\.? ?o\.? ?m\.?": "till och med", r"ev\.?": "kanske", r"tel\.?": "telefon", r"tfn\.?": "telefon",
        r"inkl\.?": "med", r"exkl\.?": "utom", r"enl\.?": "enligt", r"avd\.?": "avdelning", r"mott\.?": "mottagning",
        r"SSL": "sjukvårdens ledning", r"TiB": "den som har beredskap", r"KiB": "den som har beredskap",
        r"CSK": "Centralsjukhuset i Karlstad", r"HSN": "nämnden", r"BUP": "barn- och ungdomspsykiatrin",
        r"IVA": "intensivvården", r"AKM": "akutmottagningen",
        r"driftstörning\w*": "tekniskt fel", r"driftavbrott\w*": "avbrott", r"incident\w*": "händelse",
        r"vårdgivare\w*": "mottagning eller vårdcentral", r"primärvård\w*": "vårdcentralerna",
        r"slutenvård\w*": "vård på sjukhus", r"öppenvård\w*": "mottagningarna", r"elektiv\w*": "planerad",
        r"inneliggande": "som är inlagd", r"triager\w*": "bedöma", r"stabsläge\w*": "det lägsta beredskapsläget",
        r"förstärkningsläge\w*": "höjd beredskap", r"åtgärdas?": "rätta, laga", r"vidta(?:r|s)?": "göra",
        r"initier\w*": "börja", r"implementer\w*": "införa", r"ombesörj\w*": "ordna", r"tillhandahåll\w*": "ge",
        r"föreligger": "finns", r"gällande": "om", r"angående": "om", r"med anledning av": "på grund av",
        r"i syfte att": "för att", r"inom ramen för": "i", r"i nuläget": "en tid med datum", r"löpande": "varje timme",
        r"nyttja\w*": "använda", r"uppsök\w*": "gå till", r"inkomm\w*": "komma in", r"belägen|beläget": "som ligger",
    },
    "en": {
        r"e\.?g\.": "for example", r"i\.?e\.": "that is", r"etc\.?": "and so on", r"approx\.?": "about",
        r"asap": "at once", r"tel\.?": "telephone", r"incl\.?": "with", r"incident\w*": "event",
        r"primary care": "health centres", r"inpatients?": "people in hospital", r"outpatients?": "visitors",
        r"triag\w*": "judge", r"utili[sz]\w*": "use", r"commenc\w*": "begin", r"in order to": "to",
        r"prior to": "before", r"individuals": "people", r"assistance": "help", r"personnel": "staff",
        r"terminat\w*": "end", r"facilitat\w*": "help", r"with regard to": "about", r"in the event of": "if",
    },
}  # fmt: skip
_JARGON = {
    language: re.compile(r"(?<![\w.])(?:" + "|".join(f"({key})" for key in words) + r")(?![\w])", re.IGNORECASE)
    for language, words in REPLACEMENTS.items()
}
_PASSIVE = re.compile(
    r"\b(uppmanas|ombeds|hänvisas|utreds|informeras|meddelas|bedöms|beräknas|förväntas|rekommenderas|avråds|"
    r"genomförs|prioriteras|omdirigeras|erbjuds|are advised|are asked to|are requested|are urged|is advised|"
    r"is being investigated|is recommended|will be informed|will be contacted|will be notified)\b",
    re.IGNORECASE,
)
_READER = re.compile(
    r"\b(du|dig|din|ditt|dina|er|ert|era|ni|you|your|yours)\b", re.IGNORECASE
)
_CAPITALS = re.compile(r"\b(?!ÖVNING\b|EXERCISE\b)[A-ZÅÄÖ]{5,}\b")
_BLAME = re.compile(
    r"\b(skuld(?:en)?|skyllas?|slarv\w*|vårdslös\w*|inkompeten\w*|försumm\w*|klant\w*|mänskliga? faktor\w*|"
    r"blame\w*|negligen\w*|careless\w*|incompeten\w*|human error)\b",
    re.IGNORECASE,
)
_DRAMA = re.compile(
    r"\b(katastrof\w*|kaos\w*|panik\w*|skräck\w*|fasansfull\w*|chock\w*|mardröm\w*|"
    r"catastroph\w*|chao\w*|panic\w*|horri\w*|terrify\w*|nightmare\w*)\b",
    re.IGNORECASE,
)


@rule(
    "written",
    "error",
    9,
    reason=Text(
        "Den som är rädd läser en gång. Kanslispråk måste läsas två gånger.",
        "Frightened people read once. Officialese has to be read twice.",
    ),
    source=_LAW,
    bad=(
        example("Vi beklagar eventuella olägenheter."),
        example("Samtliga besök är inställda."),
        example("We regret any inconvenience.", language="en"),
    ),
    good=(example("Vi beklagar misstaget."), example("Alla besök är inställda.")),
)
def is_stiff(passage: Passage) -> Text | None:
    """Frightened people read once."""
    found = _STIFF.search(passage.words)
    if not found:
        return None
    return Text(
        f"säger ”{found[0]}”; skriv enklare, som du skulle säga det",
        f"says '{found[0]}'; write plainer, as you would say it",
    )


@rule(
    "written",
    "warning",
    9,
    reason=Text(
        "Förkortningar och fackord stänger ute den som är ny i språket, och läses fel av skärmläsare.",
        "Abbreviations and jargon shut out those new to the language, and screen readers misread them.",
    ),
    source=f"{_LAW}; Isof om ordet stabsläge: förklara det",
    bad=(
        example("Det tar ca två timmar."),
        example("Vi har en driftstörning."),
        example("Inneliggande patienter stannar."),
        example("Seek assistance.", language="en"),
    ),
    good=(
        example("Det tar ungefär två timmar."),
        example("Den som är inlagd stannar."),
        example("Ta med legitimation."),
    ),
)
def has_jargon(passage: Passage) -> Text | None:
    """Each word in the list has a plain one to put in its place."""
    base = passage.language.partition("-")[0]
    found = _JARGON[base].search(passage.words) if base in _JARGON else None
    if not found or not found.lastindex:
        return None
    instead = list(REPLACEMENTS[base].values())[found.lastindex - 1]
    return Text(
        f"säger ”{found[0]}”; skriv hellre: {instead}",
        f"says '{found[0]}'; better: {instead}",
    )


@rule(
    "written",
    "warning",
    9,
    reason=Text(
        "”Allmänheten uppmanas” säger inte vem som ska göra vad. ”Koka vattnet” gör det.",
        "'The public are advised' does not say who does what. 'Boil the water' does.",
    ),
    source=f"{_LAW}; kriterium 9: aktivt",
    bad=(
        example("Allmänheten uppmanas att koka vattnet."),
        example("Patienter hänvisas till Karlstad."),
        example("Residents are advised to boil water.", language="en"),
    ),
    good=(example("Koka vattnet."), example("Felet väntas vara löst ${klart}."), example("Vi söker efter felet.")),
)
def is_passive(passage: Passage) -> Text | None:
    """Only the forms that hide somebody who should act."""
    found = _PASSIVE.search(passage.words)
    if not found:
        return None
    return Text(
        f"säger ”{found[0]}”; skriv vem som gör vad, eller ge rådet med verbet först",
        f"says '{found[0]}'; say who does what, or give the advice with its verb first",
    )


@rule(
    "said",
    "warning",
    9,
    reason=Text(
        "En mening på mer än 25 ord tappar den som läser på en telefon i mörkret.",
        "A sentence of more than 25 words loses those who read on a phone in the dark.",
    ),
    source="Kriterium 9; klarspråk: en tanke i varje mening",
    bad=(example("Rubrik\n\n" + "Vi skriver en mening som bara fortsätter och aldrig tar slut " * 3 + "här."),),
    good=(example("Rubrik\n\nÄr någon i livsfara? Ring 112. Kan det vänta? Läs råd på 1177.se."),),
)
def has_long_sentence(passage: Passage) -> Text | None:
    """A colon ends what is read in one breath."""
    longest = max(pieces(filled(passage.words)), key=lambda piece: len(piece.split()), default="")
    count = len(longest.split())
    if count <= SENTENCE_WORDS_MAX:
        return None
    begins = " ".join(longest.split()[:4])
    return Text(
        f"har en mening på {count} ord (”{begins} …”); dela den, högst {SENTENCE_WORDS_MAX}",
        f"has a sentence of {count} words ('{begins} …'); split it, {SENTENCE_WORDS_MAX} at most",
    )


@rule(
    "said",
    "warning",
    9,
    reason=Text(
        "Korta meningar läses en gång. I snitt högst tolv ord.",
        "Short sentences are read once. Twelve words on average at most.",
    ),
    source="Kriterium 9: högst tolv ord i snitt",
    bad=(
        example("Rubrik\n\n" + "En mening kan bli så lång att den som läser har glömt början när den tar slut. " * 3),
    ),
    good=(example("Rubrik\n\nÄr någon i livsfara? Ring 112. Kan det vänta? Läs råd på 1177.se."),),
)
def is_long_winded(passage: Passage) -> Text | None:
    """Counted as `words_per_sentence` does."""
    average = words_per_sentence(filled(passage.words))
    if average <= SENTENCE_WORDS_USUAL:
        return None
    said = f"{average:.1f}".replace(".", ",")
    return Text(
        f"har i snitt {said} ord i varje mening; korta, högst {SENTENCE_WORDS_USUAL}",
        f"has {average:.1f} words a sentence on average; shorten, {SENTENCE_WORDS_USUAL} at most",
    )


@rule(
    "said",
    "warning",
    9,
    reason=Text(
        "”Du” säger att det gäller den som läser. ”Patienter” kan vara andra.",
        "'You' says that it concerns the reader. 'Patients' may be others.",
    ),
    source="Kriterium 9: du; myndigheternas skrivregler",
    bad=(example("Fel i Värmland\n\nPatienter kan komma som vanligt. Felet är inte löst."),),
    good=(
        example("Fel i Värmland\n\nHar du en bokad tid? Den gäller."),
        example("Fel i Värmland\n\nKom som vanligt."),
        example("Fel i Värmland\n\nPatienter väntar.", "intranet"),
    ),
)
def speaks_to_nobody(passage: Passage) -> Text | None:
    """Somewhere in the text, for the public; an instruction speaks to the reader too."""
    if not passage.public or not (passage.swedish or passage.english) or _READER.search(passage.words):
        return None
    if any(tells(step, passage.language) for step in steps(passage.words)):
        return None
    return Text(
        "säger varken ”du” eller vad någon ska göra; tala till den som läser",
        "says neither 'you' nor what to do; speak to the reader",
    )


@rule(
    "written",
    "error",
    10,
    reason=Text(
        "Versaler skriker, och skärmläsare läser dem bokstav för bokstav.",
        "Capitals shout, and screen readers spell them out.",
    ),
    source="Kriterium 10; hur skärmläsare läser versaler",
    bad=(example("RINGA INTE hit."),),
    good=(example("Ring inte hit."), example("ÖVNING: Detta är en övning.")),
)
def shouts(passage: Passage) -> Text | None:
    """Capitals frighten, and are read letter by letter."""
    found = _CAPITALS.search(passage.words)
    if not found:
        return None
    return Text(
        f"skriker ”{found[0]}”; skriv utan versaler",
        f"shouts '{found[0]}'; write without capitals",
    )


@rule(
    "written",
    "warning",
    10,
    reason=Text(
        "Utropstecken höjer rösten. En lugn text gör det inte.",
        "Exclamation marks raise the voice. A calm text does not.",
    ),
    source="Kriterium 10: lugn",
    bad=(example("Koka vattnet!"),),
    good=(example("Koka vattnet."),),
)
def exclaims(passage: Passage) -> Text | None:
    """A full stop does."""
    if "!" not in passage.words:
        return None
    return Text("har ett utropstecken; skriv punkt", "has an exclamation mark; write a full stop")


@rule(
    "written",
    "warning",
    10,
    reason=Text(
        "Medan det pågår vet ingen vems fel det är, och läsaren kan inte göra något med det.",
        "While it goes on nobody knows whose fault it is, and the reader can do nothing with it.",
    ),
    source="Kriterium 5 och 10: ingen skuld",
    bad=(example("Skulden är leverantörens."), example("It was human error.", language="en")),
    good=(example("Orsaken är ett fel hos leverantören av systemet."),),
)
def blames(passage: Passage) -> Text | None:
    """A confirmed cause is told without judging."""
    found = _BLAME.search(passage.words)
    if not found:
        return None
    return Text(
        f"lägger skuld (”{found[0]}”); skriv den bekräftade orsaken utan att döma",
        f"blames ('{found[0]}'); say the confirmed cause without judging",
    )


@rule(
    "written",
    "warning",
    10,
    reason=Text("Stora ord gör rädda människor räddare.", "Big words make frightened people more frightened."),
    source="Kriterium 10: lugn och mänsklig",
    bad=(example("Det råder kaos på akuten."), example("Do not panic.", language="en")),
    good=(example("Räkna med lång väntan på akutmottagningen."),),
)
def dramatises(passage: Passage) -> Text | None:
    """What happened is enough."""
    found = _DRAMA.search(passage.words)
    if not found:
        return None
    return Text(
        f"säger ”{found[0]}”; skriv vad som har hänt, utan stora ord",
        f"says '{found[0]}'; say what has happened, without big words",
    )
