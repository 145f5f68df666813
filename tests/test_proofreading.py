"""A folder of playbooks that is not sound stops the start, and says in which line to look."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from broadcaster.errors import Unsound
from broadcaster.playbook import Playbooks, check

SHIPPED = Path(__file__).parent.parent / "playbooks"
NAME = "telefoni-1177.toml"
OTHER = "it-avbrott-journal.toml"

Edit = Callable[..., list[Unsound]]


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """Return a function that changes one shipped file and says what is then wrong."""
    for name in (NAME, OTHER, "register.toml"):  # two are as good as ten, and proved in a fifth of the time
        shutil.copy(SHIPPED / name, tmp_path)

    def edit(old: str, new: str, name: str = NAME, times: int = 1) -> list[Unsound]:
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert old in text
        (tmp_path / name).write_text(text.replace(old, new, times), encoding="utf-8")
        return check(tmp_path)

    return edit


def line_of(text: str, name: str = NAME, nth: int = 1) -> int:
    lines = (SHIPPED / name).read_text(encoding="utf-8").splitlines()
    return [number for number, line in enumerate(lines, 1) if text in line][nth - 1]


def test_the_shipped_playbooks_are_sound() -> None:
    """The least a customer may expect."""
    assert check(SHIPPED) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('severity = "Severe"', 'severity = "Awful"'),
        ('urgency = "Immediate"', 'urgency = "Past"'),
        ('category = ["Infra", "Health"]', "category = []"),
        ('category = ["Infra", "Health"]', 'category = ["VMA"]'),
        ('response = ["Monitor"]', 'response = ["AllClear"]'),
        ('certainty = "Observed"', ""),
    ],
)
def test_only_the_standards_own_words_sort_a_crisis(edited: Edit, old: str, new: str) -> None:
    """And that it is over is said by a phase, never by a playbook."""
    (fault,) = edited(old, new)
    assert fault.file == NAME and "cap" in fault.reason


def test_a_region_with_a_long_name_can_use_them_too() -> None:
    """The name stands in every text, so it must not be what makes one too long."""
    assert check(SHIPPED, organisation="Region Hälsingland och norra Gästrikland") == []


@pytest.mark.parametrize(
    ("old", "new", "at", "because"),
    [
        ("${rattat} Lita på", "${rattad} Lita på", "${rattat} Lita på", "not declared"),
        ("${rattat} Lita på", "$rattat Lita på", "${rattat} Lita på", "begins no hole"),
        ("${rattat} Lita på", "${sentence} Lita på", "${rattat} Lita på", "cannot stand here"),
        (
            "Felet är inte löst. ${n112}",
            "Felet är inte löst. ${n112} Ring 010-123 45 67.",
            "Felet är inte löst. ${n112}",
            "number",
        ),
        ("Felet är inte löst. ${n112}", "Felet är inte löst. Ring 112.", "Felet är inte löst. ${n112}", "112"),
        ("Felet är inte löst. ${n112}", "Felet löses inom kort. ${n112}", "Felet är inte löst. ${n112}", "stale"),
        ("Felet är inte löst. ${n112}", "**Felet är inte löst.** ${n112}", "Felet är inte löst. ${n112}", "markup"),
        ("Felet är inte löst. ${n112}", "Det här är ett VMA. ${n112}", "Felet är inte löst. ${n112}", "VMA"),
        ("Felet är inte löst, så vi", "Felet på 1177 är inte löst, så vi", "Felet är inte löst, så vi", "digits"),
        ('if_unsure = "duplicate"', 'if_unsure = "both"', "if_unsure", "if_unsure"),
        ("version = 1", 'version = "1"', "version = 1", "version"),
        ("version = 1", "version = 1\nversjon = 2", "version = 1", "versjon"),
        ('id = "telefoni-1177"', 'id = "telefoni"', 'id = "telefoni-1177"', "must be called"),
        ('struck = ["n1177"]', 'struck = ["n1178"]', "struck =", "no contact"),
        ('examples = ["010-000 00 00"]', 'examples = ["1177"]', 'examples = ["010', "not accepted"),
        ('examples = ["teleoperator"]', 'examples = ["annat"]', 'examples = ["teleoperator', "not accepted"),
        (
            "Behöver du råd? Ring ${reservnummer}.",
            "Behöver du råd? Ring ${n112}.",
            "Behöver du råd? Ring ${reservnummer}.",
            "cannot stand here",
        ),
    ],
)
def test_a_fault_is_found_in_its_line(edited: Edit, old: str, new: str, at: str, because: str) -> None:
    """Unknown keys, holes, numbers, words: each where the writer will look."""
    faults = edited(old, new)
    hit = [fault for fault in faults if because in fault.reason]
    assert hit, faults
    assert any(abs(fault.line - line_of(at)) <= 1 for fault in hit), hit
    assert {fault.file for fault in hit} == {NAME}


def test_words_that_are_missing_are_named(edited: Edit) -> None:
    """Every phase, channel and language has its own words."""
    faults = edited("[texts.update.1177_phone]\nsv", "[texts.update.1177_phone]\nfi")
    reasons = [fault.reason for fault in faults]
    assert "there are no words for update, 1177_phone, sv" in reasons
    assert any("1177_phone in fi is not among" in reason for reason in reasons)


def test_a_missing_phase_channel_or_top_line_is_named(edited: Edit) -> None:
    """A playbook that cannot end what it began is no playbook."""
    assert any("no top line for all_clear, en" in f.reason for f in edited('en = "Solved: 1177', 'fi = "Solved: 1177'))
    assert any("phase correction" in f.reason for f in edited("[texts.correction.", "[texts.false_alarm.x", times=99))


def test_a_blank_nobody_uses_is_named(edited: Edit) -> None:
    """A form must not ask for what no text says."""
    faults = edited("${lost}", "Felet är löst.", times=99)
    assert any(fault.reason == "the blank lost is used in no text" and fault.line > 1 for fault in faults)


def test_a_sentence_for_not_known_is_needed_in_every_language(edited: Edit) -> None:
    """Otherwise an unfilled blank would leave a gap in one language only."""
    faults = edited('en = "We do not know the cause yet."\n', "")
    assert any("orsak has no 'unknown' sentence" in fault.reason and ", en" in fault.reason for fault in faults)


def test_a_text_that_could_become_too_long_is_refused_before_it_does(edited: Edit) -> None:
    """Measured with the longest values, in a drill, with the top line on Facebook."""
    assert any("1177_notice holds 420" in f.reason for f in edited("Behöver du vård nu?", "x" * 150 + "?"))
    longer = "Tack för att du läser hela det här inlägget.\n\n" * 25 + "${comments}"
    assert any("facebook holds 2000" in f.reason for f in edited("${comments}", longer))


def test_a_heading_must_stand_alone(edited: Edit) -> None:
    """Feeds and lists show nothing else."""
    faults = edited("Det går inte att ringa 1177 i ${omrade}\n\nDen", "Det går inte att ringa 1177 i ${omrade}\nDen")
    assert any("heading" in fault.reason for fault in faults)


@pytest.mark.parametrize(
    ("old", "because"),
    [("${sender}", "${mark}"), ("${promise}", "${next_update}"), ("${sentence}", "${sentence}")],
)
def test_sender_promise_and_free_sentence_have_their_place(edited: Edit, old: str, because: str) -> None:
    """Posts are found by the mark, people by the promise."""
    assert any(f"never says {because}" in fault.reason for fault in edited(old, "Så är det.", times=99))


def test_a_voice_never_says_a_mark_or_a_link(edited: Edit) -> None:
    """Nobody can write it down while listening."""
    faults = edited("Felet är inte löst, så vi", "Se ${link}. Felet är inte löst, så vi")
    assert any("a voice cannot say ${link}" in fault.reason for fault in faults)


def test_every_fault_of_every_file_is_told_at_once(edited: Edit) -> None:
    """Nobody corrects one line, starts again and meets the next."""
    edited("${rattat} Lita på", "${a} Lita på")
    faults = edited("${lost} Samtalen", "${b} Samtalen")
    assert sum("is not declared" in fault.reason for fault in faults) == 2


@pytest.mark.parametrize(
    ("old", "new", "because"),
    [
        ("[lines.promise", "[lines.lofte", "the line promise is missing"),
        ('sv = "ÖVNING:"', 'sv = "Test:"', "begins with ÖVNING"),
        ("[words.omrade]", "[words.mark]", "already a name"),
        ('"1177.se", "region', '"https://1177.se", "region', "no domain"),
        ("Ring ${n112}.", "Ring ${n1177}.", "cannot stand here"),
    ],
)
def test_the_register_is_proofread_too(edited: Edit, old: str, new: str, because: str) -> None:
    """One fault there is a fault in every playbook."""
    faults = edited(old, new, "register.toml", 99)
    hit = [fault for fault in faults if because in fault.reason and fault.file == "register.toml"]
    assert hit, faults
    assert hit[0].line > 0


def test_nothing_starts_from_an_unsound_folder(edited: Edit, tmp_path: Path) -> None:
    """The first fault is raised, with file and line."""
    edited("${rattat} Lita på", "${a} Lita på")
    with pytest.raises(Unsound, match=rf"{NAME}:{line_of('${rattat} Lita på')}"):
        Playbooks.load(tmp_path, organisation="Region Exempel", timezone="Europe/Stockholm")


def test_an_empty_or_missing_folder_is_a_fault(tmp_path: Path) -> None:
    """A service without words is not started by mistake."""
    assert check(tmp_path / "nowhere")
    assert check(tmp_path)
    shutil.copy(SHIPPED / "register.toml", tmp_path)
    assert [fault.reason for fault in check(tmp_path)] == ["has no playbooks"]
