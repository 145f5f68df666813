"""Every shipped text, in every phase, channel and language: true with nothing known, and fit to be sent."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from broadcaster import moments
from broadcaster.channels import limit_of
from broadcaster.phrasing import Spot
from broadcaster.playbook import Fill, Playbooks, Snapshot, Stamp
from broadcaster.wording import AS_SAID, Passage, words_per_sentence

SHIPPED = Path(__file__).parent.parent / "playbooks"
LOADED = Playbooks.load(SHIPPED, organisation="Region Värmland", timezone="Europe/Stockholm")
STAMP = Stamp("RV-2026-0031/1", datetime(2026, 3, 14, 1, 40, tzinfo=UTC), "https://kris.region.example/m/RV-2026-0031")
STOCKHOLM = ZoneInfo("Europe/Stockholm")
SENTENCE = "Felet märks mest i Årjäng och Säffle. " * 7
CASES = [(snapshot, phase) for snapshot in LOADED.all() for phase in snapshot.phases]


def spots(snapshot: Snapshot, phase: str) -> Iterator[Spot]:
    for channel in snapshot.channels:
        for language in snapshot.languages_of(channel, phase):
            yield Spot(phase, channel, language)


def fills(snapshot: Snapshot, phase: str, mode: str) -> Iterator[Fill]:
    """Yield nothing known, all known, each blank alone, each contact and channel affected."""
    examples = {blank.name: blank.examples[0] for blank in snapshot.blanks(phase)}
    struck = [key for key, _ in snapshot.register_numbers()]
    sentence = SENTENCE if phase == "update" else None
    raws: list[tuple[dict[str, str], frozenset[str], str | None]] = [
        ({}, frozenset(), None),
        (examples, frozenset(), sentence),
        ({}, frozenset(struck), None),
        *(({name: value}, frozenset(), None) for name, value in examples.items()),
        *((examples, frozenset({key}), None) for key in [*struck, *snapshot.channels]),
    ]
    for raw, affected, said in raws:
        known, faults = snapshot.accept(phase, raw, said, affected)
        assert faults == ()
        yield Fill(phase, "drill" if mode == "drill" else "live", known, affected, said)


@pytest.mark.parametrize("mode", ["live", "drill"])
@pytest.mark.parametrize(("snapshot", "phase"), CASES, ids=lambda case: getattr(case, "id", case))
def test_every_text_can_be_sent_whatever_is_known_or_struck(snapshot: Snapshot, phase: str, mode: str) -> None:
    """It fits its channel, has its shape, and leaves no hole open."""
    for fill in fills(snapshot, phase, mode):
        for spot in spots(snapshot, phase):
            words = snapshot.render(fill, spot.channel, spot.language, STAMP)
            assert "$" not in words and "  " not in words
            assert [rule(Passage(spot.channel, spot.language, words)) for rule in AS_SAID] == [None] * len(AS_SAID)
            assert len(words) <= limit_of(spot.channel).characters


@pytest.mark.parametrize(("snapshot", "phase"), CASES, ids=lambda case: getattr(case, "id", case))
def test_every_channel_has_words_of_its_own(snapshot: Snapshot, phase: str) -> None:
    """Nothing is pasted from one place to another."""
    fill = Fill(phase, "live", {})
    swedish = [
        snapshot.render(fill, s.channel, s.language, STAMP) for s in spots(snapshot, phase) if s.language == "sv"
    ]
    bodies = {words.partition("\n\n")[2] or words for words in swedish}
    assert len(bodies) == len(snapshot.channels)


@pytest.mark.parametrize(("snapshot", "phase"), CASES, ids=lambda case: getattr(case, "id", case))
def test_every_text_is_plain(snapshot: Snapshot, phase: str) -> None:
    """At most twelve words a sentence on average, and a Facebook post people read to the end."""
    for fill in fills(snapshot, phase, "live"):
        for spot in spots(snapshot, phase):
            words = snapshot.render(fill, spot.channel, spot.language, STAMP)
            assert words_per_sentence(words) <= 12
            if spot.channel == "facebook" and not fill.sentence:
                assert 550 <= len(words) <= 1150
            if spot.channel == "1177_notice" and not fill.affected:
                assert len(words.partition("\n\n")[2]) <= 300


@pytest.mark.parametrize("snapshot", LOADED.all(), ids=lambda snapshot: snapshot.id)
def test_a_first_message_says_what_a_frightened_person_needs(snapshot: Snapshot) -> None:
    """What to do in danger, when the next word comes, who speaks: with nothing typed."""
    for spot in spots(snapshot, "first"):
        words = snapshot.render(Fill("first", "live", {}), spot.channel, spot.language, STAMP)
        if spot.channel == "intranet":
            continue
        danger = {"sv": "livsfara", "en": "life in danger"}[spot.language.partition("-")[0]]
        assert danger in words
        if not spot.spoken:
            promised = moments.next_quarter(STAMP.at, snapshot.update_minutes).astimezone(STOCKHOLM)
            assert f"{promised:%H.%M}" in words
            assert "Region Värmland" in words


@pytest.mark.parametrize("snapshot", LOADED.all(), ids=lambda snapshot: snapshot.id)
def test_a_correction_is_true_also_when_it_is_over(snapshot: Snapshot) -> None:
    """It may come after the all-clear, so it promises nothing and claims nothing still goes on."""
    for spot in spots(snapshot, "correction"):
        words = snapshot.render(Fill("correction", "live", {}), spot.channel, spot.language, STAMP)
        words = words.replace("Pågår händelsen fortfarande?\nDå", "Så länge händelsen pågår")  # as easy Swedish asks
        assert "fortfarande" not in words and "still " not in words
        if not spot.spoken:
            assert any(
                mark in words for mark in ("Så länge händelsen pågår", "Så länge det pågår", "As long as this goes on")
            )


@pytest.mark.parametrize("snapshot", LOADED.all(), ids=lambda snapshot: snapshot.id)
def test_facebook_says_where_the_english_is(snapshot: Snapshot) -> None:
    """One post in Swedish, one line for everybody else."""
    for phase in snapshot.phases:
        words = snapshot.render(Fill(phase, "live", {}), "facebook", "sv", STAMP)
        assert words.count("in English") == 1 and words.count("kris.region.example/m/RV-2026-0031") == 1


@pytest.mark.parametrize("snapshot", LOADED.all(), ids=lambda snapshot: snapshot.id)
def test_the_people_at_the_desk_have_answers_and_a_checklist(snapshot: Snapshot) -> None:
    """Comments come within minutes."""
    assert len(snapshot.checklist) >= 4
    assert snapshot.use.sv.startswith("Välj") and snapshot.use.en.startswith("Choose")
    assert snapshot.if_unsure in ("silence", "duplicate")


@pytest.mark.parametrize("snapshot", LOADED.all(), ids=lambda snapshot: snapshot.id)
def test_each_phase_has_answers_of_its_own_and_somebody_owns_each(snapshot: Snapshot) -> None:
    """What was true while it went on is not what people ask when it is over. Nobody gives advice about care there."""
    for phase, least in {"first": 4, "update": 4, "correction": 1, "false_alarm": 1, "all_clear": 2}.items():
        assert len([one for one in snapshot.answers if phase in one.phases]) >= least, phase
    for one in snapshot.answers:
        assert one.question.sv.endswith("?") and one.question.en.endswith("?") and len(one.owner) > 3
        assert "blir sämre" not in one.answer.sv and "Ta en " not in one.answer.sv


@pytest.mark.parametrize("snapshot", LOADED.all(), ids=lambda snapshot: snapshot.id)
def test_who_signs_is_told_how_to_reach_us_on_the_page_that_is_ours(snapshot: Snapshot) -> None:
    """In Swedish, while it goes on."""
    for phase in ("first", "update"):
        words = snapshot.render(Fill(phase, "live", {}), "own_web", "sv", STAMP)
        assert words.count("\n\nAnvänder du teckenspråk? Ring genom bildtelefoni.net.\n\n") == 1


@pytest.mark.parametrize(("playbook", "owner"), [("dricksvatten", "kommun"), ("rok-gas", "räddningstjänst")])
def test_what_somebody_else_owns_is_said_to_be_theirs(playbook: str, owner: str) -> None:
    """The region only relays: with nothing filled in, every channel names who the advice is from."""
    snapshot = LOADED[playbook]
    for phase in ("first", "update"):
        for spot in spots(snapshot, phase):
            words = snapshot.render(Fill(phase, "live", {}), spot.channel, spot.language, STAMP)
            english = {"kommun": "municipality", "räddningstjänst": "rescue service"}[owner]
            assert (english if spot.language == "en" else owner) in words.lower(), spot


@pytest.mark.parametrize("snapshot", LOADED.all(), ids=lambda snapshot: snapshot.id)
def test_nobody_but_its_owner_says_that_the_danger_is_over(snapshot: Snapshot) -> None:
    """Those are the words that end a public warning; ours says them only with the time the rescue service did."""
    for phase in snapshot.phases:
        for fill in fills(snapshot, phase, "live"):
            for spot in spots(snapshot, phase):
                words = snapshot.render(fill, spot.channel, spot.language, STAMP).lower()
                assert "faran_over" in fill.blanks or ("faran är över" not in words and "danger is over" not in words)


def test_every_municipality_to_choose_is_an_area_that_warning_systems_know() -> None:
    """Only municipalities can be chosen where one is asked for, and each narrows the alert to itself."""
    water = LOADED["dricksvatten"]
    (blank,) = (blank for blank in water.blanks("first") if blank.name == "kommun")
    codes = {area.code for place, _ in blank.choices for area in water.areas({"kommun": place})}
    assert len(codes) == len(blank.choices) == 16 and all(code.startswith("17") for code in codes)


def test_a_municipality_that_was_typed_narrows_an_alert_as_a_chosen_one_does() -> None:
    """An open place is any place; what names a municipality of the register finds its code there."""
    anything = LOADED["allman-handelse"]
    for typed in ("Sunne", "sunne kommun", "Sunne kommun"):
        known, faults = anything.accept("first", {"plats": typed}, None, ())
        assert not faults and [area.code for area in anything.areas(known)] == ["1766"]
    known, _ = anything.accept("first", {"plats": "Rottneros"}, None, ())
    assert anything.areas(known) == () and anything.places(known) == ["Rottneros"]


#: What makes sense in the sentences of each place that must be in the register.
SENSIBLE = {
    ("akut-stangd", "sjukhus"): "sjukhuset",
    ("akut-stangd", "alternativ"): "sjukhuset",
    ("besoksforbud", "sjukhus"): "sjukhuset",
    ("dricksvatten", "kommun"): " kommun",
    ("masskada", "kommun"): " kommun",
    ("masskada", "sjukhus"): "sjukhuset",
    ("rok-gas", "kommun"): " kommun",
    ("it-avbrott-journal", "plats"): None,
    ("telefoni-vaxel", "plats"): None,
}


@pytest.mark.parametrize("snapshot", LOADED.all(), ids=lambda snapshot: snapshot.id)
def test_no_place_can_be_chosen_that_makes_nonsense_of_its_sentence(snapshot: Snapshot) -> None:
    """No emergency department at all health centres, no closed visits in a municipality: not in form, API or words."""
    for phase in snapshot.phases:
        for blank in snapshot.blanks(phase):
            if blank.type != "place" or blank.open:
                continue
            says = SENSIBLE[snapshot.id, blank.name]
            chosen = [place for place, _ in blank.choices]
            fits = [place for place in chosen if (says in place.lower() if says else "kommun" not in place)]
            assert chosen and chosen == fits == blank.schema()["enum"]
            odd = "Centralsjukhuset i Karlstad" if says == " kommun" else "Sunne kommun"
            _, (fault,) = snapshot.accept(phase, {blank.name: odd}, None, ())
            assert fault.pointer == f"/blanks/{blank.name}" and "annan sorts plats" in fault.message.sv


def test_staff_are_told_where_the_crisis_is_in_the_house() -> None:
    """The intranet belongs to the record system and to the general playbook."""
    with_intranet = {snapshot.id for snapshot in LOADED.all() if "intranet" in snapshot.channels}
    assert with_intranet == {"it-avbrott-journal", "allman-handelse"}
