"""Values somebody means harm with, or pastes from somewhere: every kind of blank refuses them and says why."""

from zoneinfo import ZoneInfo

import pytest

from broadcaster import blanks
from broadcaster.blanks import Bounds, Unfitting
from broadcaster.manuscript import BlankSpec, BlankType, Both, Choice, Place

BOTH = Both(sv="x", en="x")
BOUNDS = Bounds(
    ZoneInfo("Europe/Stockholm"), places=[Place(sv="Arvika sjukhus", en="Arvika Hospital")], domains=["1177.se"]
)
#: A value that each kind takes: what is hostile is put before it, after it, within it and in its place.
GOOD: dict[BlankType, str] = {
    "place": "Arvika sjukhus",
    "time": "2026-03-14T02:10",
    "phone": "010-000 00 00",
    "link": "https://1177.se/Varmland",
    "choice": "nat",
    "text": "Felet märks mest i Säffle",
}
TEMPLATES = (
    "{{7*7}}", "{0.__class__}", "{% include 'x' %}", "${7*7}", "${mark}", "%(x)s", "#{7*7}", "<%= 7*7 %>", "`id`",
)  # fmt: skip
MARKUP = ("<script>", "<b>fet</b>", "**fet**", "[x](y)", "&lt;", "<speak>", "]]>", "\\u0041")
INVISIBLE = {
    "NUL": "\x00",
    "escape": "\x1b[31m",
    "newline": "\n",
    "carriage return": "\r",
    "tab": "\t",
    "vertical tab": "\x0b",
    "next line": "\x85",
    "zero width space": "\u200b",
    "zero width joiner": "\u200d",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "line separator": "\u2028",
    "right-to-left override": "\u202e",
    "left-to-right embedding": "\u202a",
    "right-to-left isolate": "\u2067",
    "pop directional isolate": "\u2069",
    "right-to-left mark": "\u200f",
    "arabic letter mark": "\u061c",
    "mongolian vowel separator": "\u180e",
    "tag letter": "\U000e0041",
    "variation selector": "\ufe0f",
    "combining long stroke": "e\u0336",
    "private use": "\ue000",
    "not a character": "\uffff",
    "lone surrogate": "\ud800",
}
LOOKALIKES = {
    "cyrillic a": "\u0430",
    "greek omicron": "\u03bf",
    "armenian o": "\u0585",
    "fullwidth a": "\uff41",
    "mathematical a": "\U0001d41a",
    "script g": "\u0261",
    "latin alpha": "\u0251",
    "dotless i": "\u0131",
    "long s": "\u017f",
    "small capital a": "\u1d00",
    "retroflex click": "\u01c3",
    "ligature fi": "\ufb01",
    "roman numeral": "\u2160",
    "circled one": "\u2460",
    "arabic digit": "\u0661",
    "fullwidth digit": "\uff11",
    "emoji": "\u26a0",
    "one dot leader": "\u2024",
    "division slash": "\u2215",
    "fraction slash": "\u2044",
}
HOSTILE = {
    **{text: text for text in (*TEMPLATES, *MARKUP)},
    **INVISIBLE,
    **LOOKALIKES,
}


def spec(kind: BlankType) -> BlankSpec:
    choices = [Choice(key="nat", sv="ett fel i elnätet", en="a fault in the grid")] if kind == "choice" else []
    fields: dict[str, object] = {"type": kind, "label": BOTH, "help": BOTH, "examples": [GOOD[kind]], "known": {}}
    return BlankSpec.model_validate({**fields, "unknown": {}, "choices": choices, "open": kind == "place"})


def within(kind: BlankType, hostile: str) -> str:
    """Return a good value with something hostile in the middle of it."""
    good = GOOD[kind]
    return f"{good[: len(good) // 2]}{hostile}{good[len(good) // 2 :]}"


@pytest.mark.parametrize("kind", list(GOOD))
def test_what_everybody_writes_is_taken(kind: BlankType) -> None:
    """Otherwise what follows would prove nothing."""
    assert blanks.take(spec(kind), GOOD[kind], BOUNDS) == GOOD[kind]


@pytest.mark.parametrize("hostile", list(HOSTILE.values()), ids=list(HOSTILE))
def test_it_is_refused_by_every_kind_of_blank_and_says_what_to_do(hostile: str) -> None:
    """In the middle of a good value and instead of it; each answer is whole sentences in both languages."""
    for kind in GOOD:
        for value in [within(kind, hostile), *([hostile] if hostile.strip() else [])]:
            with pytest.raises(Unfitting) as caught:
                blanks.take(spec(kind), value, BOUNDS)
            for said in (caught.value.text.sv, caught.value.text.en):
                assert said.endswith(".") and len(said) > 20, kind
                assert said.isprintable(), "an answer must not carry what it refuses"
    with pytest.raises(Unfitting):
        blanks.take_sentence(f"Felet märks{hostile} mest i Säffle.")


@pytest.mark.parametrize("hostile", list(LOOKALIKES.values())[:12], ids=list(LOOKALIKES)[:12])
def test_a_letter_that_looks_usual_is_told_by_its_number(hostile: str) -> None:
    """Whoever reads the answer sees nothing wrong with the letter itself."""
    with pytest.raises(Unfitting) as caught:
        blanks.take(spec("text"), f"V{hostile}rmland", BOUNDS)
    assert f"U+{ord(hostile):04X}" in caught.value.text.sv and f"U+{ord(hostile):04X}" in caught.value.text.en


@pytest.mark.parametrize("name", ["Årjäng", "Kåfjord", "Kárášjohka", "Ŋeaŋŋa", "Łódź", "Straße", "Ærø", "İzmir", "Đoa"])
def test_names_of_places_in_the_languages_around_us_are_taken(name: str) -> None:
    """Swedish, Norwegian, Danish, Sámi, German, Polish, Turkish: ordinary letters with their marks."""
    assert blanks.take(spec("text"), name, BOUNDS) == name
