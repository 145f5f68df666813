"""Playbooks on paper: whole without a server, a sheet a channel, and never words of which nobody knows where from."""

import re
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from drawn import ALT, hang, png
from service import PLAYBOOKS

from broadcaster.approval import Approval
from broadcaster.channels.names import channel_name
from broadcaster.desk.vocabulary import PHASES
from broadcaster.paper import Call, Desk, Region, css_string, file_of, paper, phone_chain, print_folder, short
from broadcaster.playbook import Playbooks, Snapshot
from broadcaster.roster import Step
from broadcaster.settings import Alarm, Person

TEMPLATES = Path(__file__).parent.parent / "templates"
LOADED = Playbooks.load(PLAYBOOKS, organisation="Region Värmland", timezone="Europe/Stockholm")
ONE = LOADED["telefoni-1177"]
SITE = "https://kris.region.example"
REGION = Region("Region Värmland", datetime(2026, 3, 14, 1, 40, tzinfo=UTC), ZoneInfo("Europe/Stockholm"))


class Page(HTMLParser):
    """What a browser would see and fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in ("meta", "br", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "href" and tag == "a":
                self.links.append(value or "")
            elif name in ("href", "src", "srcset", "data", "action", "xlink:href") or name.startswith("on"):
                self.fetched.append(f"{name} {value}" if name != "src" else value or "")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def printed(region: Region = REGION, *, one: Snapshot = ONE, language: str = "sv") -> str:
    files = paper([one], region, templates=TEMPLATES, language="en" if language == "en" else "sv")
    return files[file_of(one)]


def sheets(text: str) -> list[str]:
    return text.split('<section class="sheet">')[1:]


class TestAFolder:
    def test_it_opens_without_a_server_and_without_a_network(self) -> None:
        """No script, and nothing to fetch from anywhere: every file is whole, and says so to the browser."""
        files = paper(LOADED.all(), replace(REGION, site=SITE), templates=TEMPLATES)
        assert set(files) == {"index.html"} | {file_of(one) for one in LOADED.all()}
        for name, text in files.items():
            page = Page(text)
            assert (page.fetched, page.wrong, page.open) == ([], [], []), name
            assert not {"script", "link", "iframe", "object", "form"} & set(page.tags), name
            assert "@import" not in text and "url(" not in text, name
            assert "default-src 'none'" in text, name
            assert set(page.links) <= set(files), "a link leads to another file of the folder"

    def test_the_index_leads_to_every_playbook(self) -> None:
        index = paper(LOADED.all(), REGION, templates=TEMPLATES)["index.html"]
        assert sorted(Page(index).links) == sorted(file_of(one) for one in LOADED.all())
        assert all(one.title.sv in index and short(one.digest) in index for one in LOADED.all())

    def test_what_else_lies_there_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "anteckning.txt").write_text("kvar", "utf-8")
        files = print_folder(tmp_path, [ONE], REGION, templates=TEMPLATES)
        assert [file.name for file in files] == ["index.html", "krismall-telefoni-1177.html"]
        assert (tmp_path / "anteckning.txt").read_text("utf-8") == "kvar"
        assert files[1].read_text("utf-8") == printed()

    def test_pictures_are_inside_the_file(self, tmp_path: Path) -> None:
        hang(tmp_path / "playbooks")
        loaded = Playbooks.load(tmp_path / "playbooks", organisation="Region Värmland", timezone="Europe/Stockholm")
        page = Page(printed(one=loaded["telefoni-1177"]))
        assert page.fetched and all(one.startswith("data:image/png;base64,") for one in page.fetched)
        assert b64encode(png()).decode() in page.fetched[0]
        assert ALT in printed(one=loaded["telefoni-1177"])


class TestASheet:
    def test_every_phase_and_channel_has_one_of_its_own_with_all_its_languages(self) -> None:
        found = sheets(printed())
        for phase in ONE.phases:
            for channel in ONE.channels:
                where = f"{PHASES[phase].name.sv} · {channel_name(channel).sv}</span>"
                mine = [one for one in found if where in one.partition("</div>")[0]]
                tags = [re.findall(r'<div class="said" lang="([^"]+)"', one) for one in mine]
                assert tags == [list(ONE.languages_of(channel, phase))], (phase, channel)

    def test_each_says_which_words_these_are_and_when_they_were_printed(self) -> None:
        """A sheet that was torn off must be known again: title, version, twelve characters, date."""
        digest = ONE.digest.removeprefix("sha256:")[:12]
        for one in sheets(printed()):
            top = one.partition("</div>")[0]
            assert ONE.title.sv in top and f"version {ONE.version} · {digest}" in top
            assert "lördag 14 mars 2026 kl. 02.40" in top

    def test_each_begins_a_new_page_and_pages_are_numbered(self) -> None:
        style = printed().partition("</style>")[0]
        assert ".sheet { break-before: page;" in style and "size: A4" in style
        assert "counter(page)" in style and "counter(pages)" in style

    def test_blanks_are_lines_and_what_to_write_when_nobody_knows_is_below(self) -> None:
        first = next(one for one in sheets(printed()) if "<h2>Facebook</h2>" in one)
        assert '<span class="line">När felet började</span>' in first
        assert "Vet ni inte än (Vad felet beror på)? Skriv i stället:" in " ".join(first.split())
        assert "Vi vet ännu inte vad felet beror på." in first and "Stryk meningen." in first

    def test_checklist_answers_and_the_form_for_afterwards_are_there(self) -> None:
        text = printed()
        assert text.count('<li class="box">') == len(ONE.checklist) > 0
        assert text.count("<dt>") == len(ONE.answers) > 0
        last = sheets(text)[-1]
        assert "Det här gjorde vi för hand" in last
        assert re.findall(r"<th[^>]*>([^<]+)", last)[:2] == ["Dag, kl.", "Kanal och språk"]

    def test_words_nobody_approved_say_so_on_every_sheet(self) -> None:
        region = replace(REGION, approvals={ONE.digest: Approval("revoked", ("anna", "bo"))})
        found = sheets(printed(region))
        assert all("EJ GODKÄND" in one for one in found)
        until = datetime(2027, 3, 14, 1, 40, tzinfo=UTC)
        good = printed(replace(REGION, approvals={ONE.digest: Approval("approved", ("anna", "bo"), until)}))
        assert "EJ GODKÄND" not in good and "godkänd av anna, bo, gäller till 2027-03-14" in " ".join(good.split())
        assert "kunde inte läsas vid utskriften" in printed()

    def test_the_pages_around_the_words_speak_english_when_asked(self) -> None:
        text = printed(language="en")
        assert '<html lang="en">' in text and "What we did by hand" in text and "Gör nu" not in text
        assert "Det går inte att ringa 1177 i Värmland" in text, "the approved words stay in their own languages"


class TestWhatTheSettingsKnow:
    def test_where_a_text_is_pasted_stands_at_its_channel(self) -> None:
        desks = {"1177_notice": Desk("https://redaktion.example/notis", "1177-redaktionen")}
        text = printed(replace(REGION, desks=desks))
        sheet = next(one for one in sheets(text) if "<h2>Notis på 1177.se</h2>" in one)
        assert "Läggs ut här: https://redaktion.example/notis" in sheet and "1177-redaktionen" in text

    def test_the_code_leads_to_our_own_page_and_without_an_address_is_a_line(self) -> None:
        assert f"<title>{SITE}</title>" in printed(replace(REGION, site=SITE))
        assert "<svg" not in printed() and "Den egna webbsidans adress:" in printed()

    def test_the_phone_chain_follows_the_steps_and_forgets_nobody(self) -> None:
        people = (Person(name="Anna", phone="070-1"), Person(name="Bo"), Person(name="Cilla", phone="070-3"))
        steps = (Step(tell=("tib",), hours=("mon-fri 08:00-17:00",)), Step(tell=("Anna",)), Step(tell=("Anna", "Bo")))
        assert phone_chain(Alarm(people=people, steps=steps)) == (
            Call(1, "tib", "", "mon-fri 08:00-17:00"),
            Call(2, "Anna", "070-1"),
            Call(3, "Anna", "070-1"),
            Call(3, "Bo"),
            Call(0, "Cilla", "070-3"),
        )
        everybody = phone_chain(Alarm(people=people, steps=(Step(tell=("*",)),)))
        assert [call.name for call in everybody] == ["Anna", "Bo", "Cilla"]

    def test_without_a_roster_there_are_lines_to_fill_in(self) -> None:
        chain = next(one for one in sheets(printed()) if "<h2>Ring de här</h2>" in one)
        assert chain.count("<tr><td></td>") == 8 and "Fyll i namn och nummer nu" in chain


@pytest.mark.parametrize("text", ['a"b', "a\\b", "</style><script>", "a\nb", "a;}b{", "version 1 · fc50"])
def test_nothing_in_a_title_can_become_a_style(text: str) -> None:
    """Read as a browser reads a string of a style sheet, it is the same text again."""
    said = str(css_string(text))
    assert re.fullmatch(r'"[^"<>\n;{}]*"', said)
    assert re.sub(r"\\([0-9a-f]{6}) ", lambda found: chr(int(found[1], 16)), said[1:-1]) == text


def test_the_last_sheet_says_where_what_was_done_is_entered_afterwards() -> None:
    assert "kris.region.example/desk/by-hand" in printed(replace(REGION, site=SITE))
    assert "Skriv in det som gjorts för hand" in printed()
    assert "Enter what was done by hand" in printed(language="en")
