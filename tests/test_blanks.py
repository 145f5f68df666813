"""What a person may fill in: bounded hard, because it is published under the region's name."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster import blanks
from broadcaster.blanks import Bounds, Unfitting
from broadcaster.manuscript import BlankSpec, BlankType, Both, Choice, Place

BOTH = Both(sv="x", en="x")
BOUNDS = Bounds(
    ZoneInfo("Europe/Stockholm"),
    places=[Place(sv="Sjukhuset i Arvika", en="Arvika Hospital")],
    domains=["1177.se"],
    struck=frozenset({"010-100 20 30"}),
)


def spec(kind: BlankType, **more: object) -> BlankSpec:
    fields: dict[str, object] = {
        "type": kind,
        "label": BOTH,
        "help": BOTH,
        "examples": ["x"],
        "known": {},
        "unknown": {},
    }
    return BlankSpec.model_validate(fields | more)


def refused(kind: BlankType, value: str, **more: object) -> str:
    with pytest.raises(Unfitting) as caught:
        blanks.take(spec(kind, **more), value, BOUNDS)
    assert caught.value.text.sv and caught.value.text.en
    return caught.value.text.sv


@pytest.mark.parametrize(
    ("raw", "written"),
    [
        ("010-000 00 00", "010-000 00 00"),
        (" 010 – 000 00 00 ", "010-000 00 00"),
        ("+46 10 000 00 00", "+46 10 000 00 00"),
        ("054-12 34 56", "054-12 34 56"),
        ("+47 12345678", "+47 12345678"),
    ],
)
def test_telephone_numbers_people_write_are_taken(raw: str, written: str) -> None:
    """Swedish and international ones, spaced as the person likes."""
    assert blanks.take(spec("phone"), raw, BOUNDS) == written
    assert blanks.take(spec("phone"), written, BOUNDS) == written


@pytest.mark.parametrize(
    "raw", ["112", "1177", "ring mig", "010-000 00 00 eller 112", "0", "010-0000000000000", "٠١٠٠٠٠٠٠٠٠"]
)
def test_what_is_no_whole_number_is_refused(raw: str) -> None:
    """Short numbers come from the register, where they can be left out when they are struck."""
    refused("phone", raw)


def test_a_struck_number_is_refused_however_it_is_written() -> None:
    """Nobody is sent to a number that the crisis has struck."""
    for raw in ("010-100 20 30", "0101002030", "+46101002030", "+46 10-100 20 30"):
        assert "drabbat" in refused("phone", raw)


def test_a_number_that_costs_extra_is_refused() -> None:
    """0900, 0939 and 0944 are never a region's."""
    assert "betalnummer" in refused("phone", "0900-123 45 67")


def test_a_number_is_spoken_digit_by_digit() -> None:
    """A voice would read it as a sum."""
    assert blanks.spell("010-12", "sv") == "noll, ett, noll, ett, två"
    assert blanks.spell("+46", "en") == "plus, four, six"


def test_links_lead_only_to_our_own_addresses() -> None:
    """And are shown without what nobody reads."""
    value = blanks.take(spec("link"), "https://WWW.1177.se/Varmland/", BOUNDS)
    assert value == "https://www.1177.se/Varmland/"
    assert blanks.say(spec("link"), value, "sv", BOUNDS, spoken=False) == "www.1177.se/Varmland/"


@pytest.mark.parametrize(
    "raw",
    [
        "http://1177.se/",
        "https://1177.se.evil.example/",
        "https://evil1177.se/",
        "https://1177.se@evil.example/",
        "https://1177.se:8443/",
        "https://1177.se/ evil",
        "https://1177.se/\u202eevil",
        "javascript:alert(1)",
        "https://[::1",
        "1177.se",
    ],
)
def test_links_that_look_like_ours_are_refused(raw: str) -> None:
    """Every trick that makes another address look like a public one."""
    refused("link", raw)


def test_a_place_is_one_of_the_register_and_said_in_the_reader_s_language() -> None:
    """Whichever language it was chosen in, it is written down once."""
    assert blanks.take(spec("place"), "arvika hospital", BOUNDS) == "Sjukhuset i Arvika"
    assert blanks.say(spec("place"), "Sjukhuset i Arvika", "en", BOUNDS, spoken=False) == "Arvika Hospital"
    refused("place", "Sunne")
    assert blanks.take(spec("place", open=True), "Sunne", BOUNDS) == "Sunne"


def test_a_choice_is_one_of_its_keys() -> None:
    """What is stored is the key, what is said are approved words."""
    chosen = spec("choice", choices=[Choice(key="strom", sv="ett strömavbrott", en="a power cut")])
    assert blanks.take(chosen, "strom", BOUNDS) == "strom"
    assert blanks.say(chosen, "strom", "en", BOUNDS, spoken=False) == "a power cut"
    with pytest.raises(Unfitting):
        blanks.take(chosen, "ett strömavbrott", BOUNDS)


@pytest.mark.parametrize(
    ("raw", "because"),
    [
        ("Se https://evil.example", "adress"),
        ("Läs på evil.example nu", "adress"),
        ("Skriv till a@b", "tecken"),
        ("Ring 1177 genast", "telefonnummer"),
        ("Nummer 070-123 45 67", "telefonnummer"),
        ("Det gäller 19121212-1212", "personnummer"),
        ("Det gäller 121212-1212", "personnummer"),
        ("rad ett\nrad två", "radbrytning"),
        ("dold\u200btext", "osynligt"),
        ("bakvänd\u202etext", "osynligt"),
        ("Det här är ett VMA", "VMA"),
        ("<b>fet</b>", "tecken"),
        ("${mark}", "tecken"),
        ("1177\u0430", "tecken"),
        ("x" * 81, "Högst"),
    ],
)
def test_free_words_cannot_smuggle_anything(raw: str, because: str) -> None:
    """No links, numbers, personal numbers, markup, holes, look-alike letters or invisible characters."""
    assert because in refused("text", raw)


@pytest.mark.parametrize(
    "raw",
    [
        "Felet märks mest i Årjäng och Säffle – men även på andra håll.",
        "Den 14 mars 2026 kl. 06.00–09.30 öppnar akutmottagningen igen (ingång B).",
        "Det går att nå 1177 från mobil, men inte från fast telefon.",
        "Omkring 12 000 personer är utan vatten.",
    ],
)
def test_a_free_sentence_is_ordinary_prose(raw: str) -> None:
    """What a duty communicator really writes is let through, unchanged."""
    assert blanks.take_sentence(raw) == raw


def test_a_free_sentence_has_280_characters_and_no_more() -> None:
    """Counted after normalising, so that an accent typed as two characters counts as one."""
    assert len(blanks.take_sentence("a\u030a" * 280)) == 280
    with pytest.raises(Unfitting, match="281"):
        blanks.take_sentence("a" * 281)


@settings(deadline=None)
@given(st.sampled_from(["place", "time", "phone", "link", "text"]), st.text())
def test_whatever_is_taken_is_taken_again_as_it_is(kind: BlankType, raw: str) -> None:
    """One canonical form: the worker proves stored values by taking them once more."""
    blank = spec(kind, open=kind == "place")
    try:
        value = blanks.take(blank, raw, BOUNDS)
    except Unfitting:
        return
    assert blanks.take(blank, value, BOUNDS) == value
    assert "$" not in value and "\n" not in value and "<" not in value


def test_nothing_said_is_longer_than_the_room_kept_for_it() -> None:
    """What the proof of lengths counts on."""
    number = "+123456789012345"
    for spoken in (False, True):
        said = blanks.say(spec("phone"), number, "sv", BOUNDS, spoken=spoken)
        assert len(said) <= len(blanks.longest_said(spec("phone"), "sv", BOUNDS, spoken=spoken))
