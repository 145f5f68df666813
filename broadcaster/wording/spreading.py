"""Words that live on: shared, read out, translated, copied, by people and machines that see nothing but the words."""

import re
import unicodedata

from broadcaster.errors import Text
from broadcaster.wording.rule import Passage, example, rule

_MARKUP = re.compile(r"\*\*|__|<[a-z/!]|&[a-z]+;|&#|\]\(|^#+ |\{\{|\{%|\}\}", re.IGNORECASE | re.MULTILINE)
_INVISIBLE = re.compile(
    "[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00a0\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufe00-\ufe0f"
    "\ufeff\ufff9-\ufffc\U000e0000-\U000e0fff"
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff\U000f0000-\U0010ffff]"
)
#: More than any writing of ours stacks on one letter; hundreds of them cover the lines above and below.
_STACKED = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{5}"
)
#: Letters of other scripts and of phonetic writing that can pass for Latin ones, mathematical and wide ones too.
_LOOKALIKE = re.compile(
    r"(?=[^\W\d_])[\u01c0-\u01c3\u0250-\u02af\u0370-\u058f\u13a0-\u13ff\u1d00-\u1dbf\ufb00-\ufb17\uff21-\uff5a"
    r"\U0001d400-\U0001d7ff]"
)
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_ARROW = re.compile(r"[\u2190-\u21ff\u27a1\u2b05-\u2b07\u25b6\u25ba»]|->|=>|>>")
_POINTS = re.compile(
    r"(klicka(?! inte| aldrig)|länken (?:nedan|här)|tryck här|här nedan|se nedan|läs mer här|i kommentarsfältet|"
    r"(?<!not )(?<!never )click|the link below|"
    r"tap here|see below|read more here)",
    re.IGNORECASE,
)
_PICTURE = re.compile(
    r"\b(se bild\w*|bilden (?:visar|ovan|nedan)|på bilden|på kartan|se kartan|see (?:the )?(?:picture|image|map)|"
    r"(?:picture|image|map) (?:above|below|shows)|as shown)\b",
    re.IGNORECASE,
)
_EXERCISE = re.compile(
    r"\b(övning(?:en)?|this is (?:not )?(?:an exercise|a drill)|testmeddelande|test message)\b", re.IGNORECASE
)
_WCAG = "EN 301 549 (WCAG 2.1): 1.1.1 och 1.3.3, inget bara i en bild, en form eller ett tecken"


@rule(
    "written",
    "error",
    12,
    reason=Text(
        "Orden är ren text. Varje kanal ger dem sin egen form, och tecken som ** eller {{ }} syns som de är.",
        "Words are plain text. Each channel gives them its form, and marks such as ** or {{ }} show as they are.",
    ),
    source="Så kanalerna fungerar; ingenting i en mall kan köras",
    bad=(example("**Viktigt**"), example("Läs <b>mer</b>"), example("{{7*7}}"), example("{% if x %}")),
    good=(example("Ring ${n112}."), example("– en punkt i en lista")),
)
def has_markup(passage: Passage) -> Text | None:
    """Words are plain text in every channel; each channel adds its own form."""
    found = _MARKUP.search(passage.words)
    if not found:
        return None
    return Text(
        f"har kod ({found[0]}); orden är ren text, ta bort den",
        f"has markup ({found[0]}); words are plain text, remove it",
    )


@rule(
    "written",
    "error",
    12,
    reason=Text("Det ingen ser har ingen godkänt.", "What nobody sees, nobody approved."),
    source="Unicode TR36 och TR39: osynliga tecken och vänd skrivriktning",
    bad=(example("Dold\u200btext"), example("Bakvänd\u202etext"), example("Nolla\u0000"),
         example("Ruta\ue000"), example("Hög" + "\u0301" * 5)),
    good=(example("Vanlig text"), example("نص عادي", language="ar")),
)
def has_invisible(passage: Passage) -> Text | None:
    """What nobody sees, nobody approved."""
    if _STACKED.search(passage.words):
        return Text(
            "har för många accenter på en bokstav; de täcker raderna intill, skriv om ordet för hand",
            "has too many accents on one letter; they cover the lines around it, type the word again by hand",
        )
    found = _INVISIBLE.search(passage.words)
    if not found:
        return None
    return Text(
        f"har ett osynligt tecken U+{ord(found[0]):04X}; skriv om ordet för hand",
        f"has an invisible character U+{ord(found[0]):04X}; type the word again by hand",
    )


@rule(
    "written",
    "error",
    12,
    reason=Text(
        "En kyrillisk bokstav i ett latinskt ord ser ut som den vanliga. Sökning, uppläsning och länkar blir fel.",
        "A Cyrillic letter in a Latin word looks like the usual one. Search, speech and links go wrong.",
    ),
    source="Unicode TR39: ord i blandad skrift",
    bad=(example("Läs på 1177.s\u0435"), example("V\u0430rmland"), example("Ekber\u0261")),
    good=(example("Värmland"), example("Карлстад", language="ru")),
)
def has_lookalike(passage: Passage) -> Text | None:
    """A Latin word with a letter of another script, or of phonetic writing."""
    for odd in _LOOKALIKE.finditer(passage.words):
        word = next(found[0] for found in _WORD.finditer(passage.words) if found.start() <= odd.start() < found.end())
        if _LATIN.search(word):
            return Text(
                f"har en bokstav som bara ser vanlig ut (U+{ord(odd[0]):04X} i {word}); skriv om ordet för hand",
                f"has a letter that only looks usual (U+{ord(odd[0]):04X} in {word}); type the word again by hand",
            )
    return None


@rule(
    "written",
    "warning",
    12,
    reason=Text(
        "En skärmläsare säger ”varningstriangel”, en översättning tappar tecknet och en äldre telefon visar en ruta.",
        "A screen reader says 'warning sign', a translation loses it, and an old phone shows a box.",
    ),
    source=_WCAG,
    bad=(example("\u26a0 Koka vattnet."), example("Allt fungerar \u2705")),
    good=(example("Koka vattnet."),),
)
def has_emoji(passage: Passage) -> Text | None:
    """Any picture among the letters."""
    found = next((mark for mark in passage.words if unicodedata.category(mark) == "So"), None)
    if found is None:
        return None
    return Text(
        f"har tecknet {found}; säg det med ord",
        f"has the sign {found}; say it in words",
    )


@rule(
    "written",
    "warning",
    12,
    reason=Text("En pil läses som ”högerpil” eller inte alls.", "An arrow is read as 'right arrow' or not at all."),
    source=_WCAG,
    bad=(example("Feber \u2192 ring"), example("Feber -> ring"), example("Läs mer >>")),
    good=(example("Har du feber? Ring."),),
)
def has_arrow(passage: Passage) -> Text | None:
    """Drawn or typed."""
    found = _ARROW.search(passage.words)
    if not found:
        return None
    return Text(
        f"har en pil ({found[0]}); skriv ut vad den betyder",
        f"has an arrow ({found[0]}); write what it means",
    )


@rule(
    "written",
    "warning",
    12,
    reason=Text(
        "Den som delar, läser upp eller översätter texten har ingen länk att klicka på.",
        "Those who share, read out or translate the text have no link to click.",
    ),
    source="WCAG 2.1: 2.4.4, länkens mål framgår av orden",
    bad=(example("Klicka här."), example("Använd länken nedan."), example("Click the link below.", language="en")),
    good=(
        example("Läs råd på ${site1177}."),
        example("Klicka inte på länkar i sms från okända."),
        example("Never click links in such messages.", language="en"),
    ),
)
def points_at_a_link(passage: Passage) -> Text | None:
    """Say the address."""
    found = _POINTS.search(passage.words)
    if not found:
        return None
    return Text(
        f"säger ”{found[0]}”; skriv adressen eller namnet på platsen",
        f"says '{found[0]}'; write the address or the name of the place",
    )


@rule(
    "written",
    "warning",
    12,
    reason=Text(
        "Bilden följer inte med när texten delas, läses upp eller översätts.",
        "The picture does not come along when the text is shared, read out or translated.",
    ),
    source=_WCAG,
    bad=(example("Se bilden för drabbade områden."), example("See the map below.", language="en")),
    good=(example("Det gäller ${plats}."),),
)
def leans_on_a_picture(passage: Passage) -> Text | None:
    """Everything is in the words; a picture may repeat it."""
    found = _PICTURE.search(passage.words)
    if not found:
        return None
    return Text(
        f"säger ”{found[0]}”; skriv det bilden visar",
        f"says '{found[0]}'; write what the picture shows",
    )


@rule(
    "written",
    "warning",
    12,
    reason=Text(
        "Övningar får sina egna rader. Nämner en skarp text en övning tror någon att den är en.",
        "Exercises get lines of their own. If a real text names an exercise, somebody takes it for one.",
    ),
    source="Hawaii 2018: ”detta är ingen övning” i en övning; samma ord i övning och skarpt",
    bad=(example("Detta är ingen övning."), example("This is not a drill.", language="en")),
    good=(example("Följ larmplanen på din enhet."),),
)
def speaks_of_exercise(passage: Passage) -> Text | None:
    """The system's own lines are the only ones that may."""
    found = _EXERCISE.search(passage.words)
    if not found:
        return None
    return Text(
        f"säger ”{found[0]}”; ta bort det, övningens rader läggs på av sig själva",
        f"says '{found[0]}'; remove it, the lines of an exercise are added by themselves",
    )
