"""One place to change for another region: the ten playbooks as they are, with another register, speak for it."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.channels import limit_of
from broadcaster.inspection import inspect
from broadcaster.manuscript import Content, Register, Source
from broadcaster.phrasing import Phrasing
from broadcaster.playbook import Fill, Playbooks, Snapshot

SHIPPED = Path(__file__).parent.parent / "playbooks"
THEIRS = Path(__file__).parent / "fjallmark" / "register.toml"
#: What every region says: national numbers, sites and the names of what is the same in each.
NATIONAL = {"1177.se", "krisinformation.se"}
ORGANISATION = "Region Fjällmark"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return our playbooks beside the other region's register."""
    made = tmp_path_factory.mktemp("fjallmark")
    for file in SHIPPED.glob("*.toml"):
        shutil.copy(file, made)
    if (SHIPPED / "pictures").is_dir():
        shutil.copytree(SHIPPED / "pictures", made / "pictures")
    shutil.copy(THEIRS, made / "register.toml")
    return made


@pytest.fixture(scope="module")
def theirs(folder: Path) -> Playbooks:
    return Playbooks.load(folder, organisation=ORGANISATION, timezone="Europe/Stockholm")


def first_regions_words() -> set[str]:
    """Return every name that only our register has: of places, the county, towns, sites."""
    register, _ = Source(SHIPPED / "register.toml").read(Register)
    assert register is not None and register.county is not None
    said = [text for both in [register.county.name, *register.places] for text in (both.sv, both.en)]
    said += [text for line in register.words.values() for text in line.text.values()]
    names = {name for text in said for name in re.findall(r"[A-ZÅÄÖ][a-zåäö]+", text)}
    names |= {name.removesuffix("s") for name in names if len(name) > 4}
    common = set(re.findall(r"[A-ZÅÄÖ][a-zåäö]+", THEIRS.read_text("utf-8"))) | {"Central", "Sverige", "Sveriges"}
    sites = {domain.partition(".")[0] for domain in register.domains if domain not in NATIONAL}
    return {name.lower() for name in names - common if len(name) > 2} | sites


def everything_said(snapshot: Snapshot) -> Iterator[str]:
    """Yield all words of a playbook: with nothing known, with each thing struck, and everything at its longest."""
    phrasing = Phrasing(Content.model_validate_json(snapshot.content))
    marked = [(), *((one.key,) for one in snapshot.systems()), *((key,) for key, _ in snapshot.register_numbers())]
    for phase in snapshot.phases:
        examples = {blank.name: blank.examples[0] for blank in snapshot.blanks(phase)}
        known, faults = snapshot.accept(phase, examples, None, ())
        assert faults == ()
        yield from (str(blank) for blank in snapshot.blanks(phase))
        for affected in marked:
            fills = [Fill(phase, "live", {}, frozenset(affected))]
            fills += [Fill(phase, "drill", known)] if not affected else []
            for fill in fills:
                for channel in snapshot.channels:
                    for language in snapshot.languages_of(channel, phase):
                        yield snapshot.render(fill, channel, language, None)
    yield from (phrasing.longest(spot, len) for spot in phrasing.spots())
    yield from (line for said in phrasing.top_lines.values() for line in said.values())
    yield from (f"{one.question} {one.answer}" for one in snapshot.answers)
    yield from (f"{one}" for one in (*snapshot.checklist, snapshot.title, snapshot.use, snapshot.owner))


def test_the_words_that_are_looked_for_are_those_of_the_first_region() -> None:
    assert {"värmland", "karlstad", "arvika", "torsby", "hagfors", "regionvarmland"} <= first_regions_words()


def test_all_ten_are_sound_and_break_no_rule_with_the_other_register(folder: Path) -> None:
    found, faults = inspect(folder, ORGANISATION, "Europe/Stockholm")
    assert faults == [] and len(found) == 10
    ours, _ = inspect(SHIPPED, "Region Värmland", "Europe/Stockholm")
    assert {one.id: len(one.warnings) for one in found} == {one.id: len(one.warnings) for one in ours}
    for one in found:
        for channel, longest in one.longest.items():
            assert 0 < longest.size <= longest.limit, (one.id, channel)


@pytest.mark.parametrize("name", sorted(file.stem for file in SHIPPED.glob("*.toml") if file.stem != "register"))
def test_nothing_is_left_of_the_first_region(theirs: Playbooks, name: str) -> None:
    """In no phase, channel or language, with nothing known, something struck, or everything at its longest."""
    words = re.compile("|".join(rf"\b{re.escape(word)}s?\b" for word in first_regions_words()), re.IGNORECASE)
    said = list(everything_said(theirs[name]))
    assert len(said) > 100 and any("Fjällmark" in one for one in said)
    assert [one for one in said if words.search(one)] == []


@pytest.mark.parametrize("name", sorted(file.stem for file in SHIPPED.glob("*.toml") if file.stem != "register"))
def test_every_text_fits_its_channel(theirs: Playbooks, name: str) -> None:
    phrasing = Phrasing(Content.model_validate_json(theirs[name].content))
    for spot in phrasing.spots():
        limit = limit_of(spot.channel)
        assert len(phrasing.longest(spot, len)) <= limit.characters, spot
        if limit.words is not None:
            assert len(phrasing.longest(spot, lambda said: len(said.split())).split()) <= limit.words, spot


def test_another_region_s_switchboard_takes_what_depends_on_it_there(theirs: Playbooks) -> None:
    """What goes down with what is each region's own: here 1177 is answered through the switchboard."""
    systems = {one.key: one for one in theirs["dricksvatten"].systems()}
    assert {name.sv for name in systems["fiber"].contacts} == {"Regionens växel", "Telefonnumret 1177"}
    assert systems["fiber"].channels == ("1177_phone",)
    for affected, called in ((), True), (("fiber",), False):
        words = theirs["dricksvatten"].render(
            Fill("first", "live", {}, frozenset(affected)), "own_web", "sv", None
        )
        assert bool(re.search(r"[Rr]ing 1177\b", words)) is called


def test_a_municipality_there_has_its_own_code(theirs: Playbooks) -> None:
    areas = theirs["dricksvatten"].areas({"kommun": "Lillåns kommun"})
    assert [(one.name, one.code) for one in areas] == [("Lillåns kommun", "2392")]
    county = theirs["dricksvatten"].register.county
    assert county is not None and county.code == "23"


def test_a_shared_line_left_empty_leaves_no_trace(theirs: Playbooks) -> None:
    """They have no way to refer people who sign to: no heading, no gap, no half sentence."""
    for one in theirs.all():
        words = one.render(Fill("first", "live", {}), "own_web", "sv", None)
        assert "teckenspråk" not in words and "\n\n\n" not in words and "$" not in words.replace("${", "")
