"""More languages: what a translator has signed goes out in full, what waits for one goes nowhere and stops nothing."""

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from broadcaster.inspection import inspect
from broadcaster.playbook import Fill, Playbooks, Snapshot, Stamp, check

SOUND = Path(__file__).parent / "sound"
WHO = {"organisation": "Region Ekland", "timezone": "Europe/Stockholm"}
REGISTER = """
needs_review = true
[words]
omrade = "إكلاند"
[contacts.n112]
working = "هل حياة شخص في خطر؟ اتصل بالرقم ${n112}."
affected = "هل حياة شخص في خطر؟ اذهب إلى أقرب مستشفى."
[contacts.vaxel]
working = "هل لديك أسئلة؟ اتصل بالرقم ${vaxel}."
affected = ""
[lines]
sender = "${organisation}، ${published}. الرقم ${mark}: ${link}"
promise = "الرسالة القادمة في موعد أقصاه ${next_update}."
sentence = "بالسويدية: ${sentence}"
drill_before = "ÖVNING/تمرين:"
drill_after = "هذا تمرين. Detta är en övning."
[places]
"sjukhuset i Ekby" = "مستشفى إكبي"
"sjukhuset i Tallby" = "مستشفى تالبي"
"Ekby kommun" = "بلدية إكبي"
"""
WORDS = """
needs_review = true
[blanks.plats]
known = "المكان: ${plats}."
unknown = "لا نعرف المكان بعد."
[blanks.start]
known = "بدأ ذلك ${start}."
unknown = ""
[blanks.orsak]
known = "السبب: ${orsak}."
unknown = "لا نعرف السبب بعد."
[blanks.orsak.choices]
nat = "عطل في شبكة الكهرباء"
[blanks.fragor]
known = "هل لديك أسئلة؟ اتصل بالرقم ${fragor}."
unknown = ""
"""
#: Words of a phase; the holes are those of the Swedish text.
_TEXT = '[texts.{phase}]\nown_web = """\nانقطع التيار في ${{omrade}}\n\n{holes}\n"""\n'


def arabic(folder: Path, *, signed: bool = True, register: str = REGISTER, words: str = WORDS) -> Path:
    """Return a copy of the sound playbooks that also speaks Arabic on our own page."""
    shutil.copytree(SOUND, folder)
    original = (SOUND / "strommen.toml").read_text("utf-8")
    for phase, swedish in re.findall(r'\[texts\.(\w+)\.own_web\]\nsv = """\n(.*?)"""', original, re.DOTALL):
        holes = "\n\n".join(f"${{{name}}}" for name in re.findall(r"\$\{(\w+)\}", swedish) if name != "omrade")
        words += _TEXT.format(phase=phase, holes=holes)
    (folder / "ar").mkdir()
    for name, text in (("register", register), ("strommen", words)):
        vouched = text.replace("needs_review = true", 'signed = "Amal, översättare, 2026-11-28"') if signed else text
        (folder / "ar" / f"{name}.toml").write_text(vouched, "utf-8")
    return folder


def loaded(folder: Path) -> Snapshot:
    return Playbooks.load(folder, **WHO)["strommen"]


def stamp() -> Stamp:
    return Stamp("RE-2026-0031/1", datetime(2026, 3, 14, 1, 40, tzinfo=UTC), "https://kris.ek.example/m/RE-2026-0031")


class TestSigned:
    def test_it_is_said_on_our_own_page_and_nowhere_else(self, tmp_path: Path) -> None:
        book = loaded(arabic(tmp_path / "p"))
        assert book.languages == ("sv", "en", "ar")
        assert book.languages_of("own_web", "first") == ("sv", "en", "ar")
        assert book.languages_of("facebook", "first") == ("sv",)
        assert book.languages_of("1177_phone", "first") == ("sv", "en")

    def test_every_value_is_said_in_the_language(self, tmp_path: Path) -> None:
        """Times, places and choices too; nothing falls back to English or Swedish."""
        book = loaded(arabic(tmp_path / "p"))
        blanks = {"plats": "sjukhuset i Ekby", "start": "2026-03-14T02:10", "orsak": "nat"}
        words = book.render(Fill("first", "live", blanks), "own_web", "ar", stamp())
        for part in ("إكلاند", "مستشفى إكبي", "السبت 14 مارس، الساعة 02:10", "عطل في شبكة الكهرباء"):
            assert part in words
        assert not re.search(r"[a-zåäö]{3,}", re.sub(r"Region Ekland|https?://\S+|kris\.\S+", "", words))

    def test_a_drill_says_so_in_the_language_and_in_swedish(self, tmp_path: Path) -> None:
        words = loaded(arabic(tmp_path / "p")).render(Fill("first", "drill", {}), "own_web", "ar", stamp())
        assert words.startswith("ÖVNING/تمرين:") and words.endswith("Detta är en övning.")

    def test_it_is_part_of_what_two_people_approve(self, tmp_path: Path) -> None:
        before = loaded(arabic(tmp_path / "a"))
        after = loaded(arabic(tmp_path / "b", words=WORDS.replace("لا نعرف المكان بعد.", "المكان غير معروف.")))
        assert before.digest != after.digest

    def test_another_playbook_is_not_approved_anew_for_it(self, tmp_path: Path) -> None:
        """A register in Arabic changes nothing for those who do not speak it."""
        folder = arabic(tmp_path / "p")
        (folder / "ar" / "strommen.toml").unlink()
        assert loaded(folder).digest == loaded(SOUND).digest

    @pytest.mark.parametrize(
        ("edit", "where", "said"),
        [
            (lambda t: t.replace("${start}", "${startar}"), "ar/strommen.toml", "${startar} is not declared"),
            (lambda t: t.replace('nat = "', 'vind = "'), "ar/strommen.toml", "is not in the Swedish file"),
            (lambda t: t.replace("[blanks.plats]", "[blanks.ort]"), "ar/strommen.toml", "is not in the Swedish file"),
            (lambda t: t.replace('unknown = "لا نعرف المكان بعد."\n', ""), "ar/strommen.toml", "no 'unknown' sentence"),
            (lambda t: t.replace("signed", "sinned"), "ar/strommen.toml", "write signed, or remove it"),
            (lambda t: "needs_review = true\n" + t, "ar/strommen.toml", "who vouches"),
            (lambda t: t.replace("own_web = ", "facebook = ", 1), "ar/strommen.toml", "Facebook has one language"),
            (lambda t: t.replace("own_web = ", "intranet = ", 1), "ar/strommen.toml", "the playbook has no such text"),
            (lambda t: t + "\u202e", "ar/strommen.toml", "is not TOML"),
            (lambda t: t.replace("المكان", "المك\u202eان"), "ar/strommen.toml", "invisible"),
        ],
    )
    def test_what_is_wrong_with_it_is_told_in_its_own_file(
        self, tmp_path: Path, edit: Callable[[str], str], where: str, said: str
    ) -> None:
        folder = arabic(tmp_path / "p")
        file = folder / "ar" / "strommen.toml"
        file.write_text(edit(file.read_text("utf-8")), "utf-8")
        found = [fault for fault in check(folder, **WHO) if said in str(fault)]
        assert found, [str(fault) for fault in check(folder, **WHO)]
        assert found[0].file == where

    def test_a_translation_of_no_playbook_is_told_and_keeps_nothing_from_starting(self, tmp_path: Path) -> None:
        folder = arabic(tmp_path / "p")
        (folder / "ar" / "strommen.toml").rename(folder / "ar" / "stormen.toml")
        found, faults = inspect(folder, **WHO)
        assert faults == [] and found[0].languages == ("sv", "en")
        assert any(str(one).startswith("ar/stormen.toml") for one in found[0].warnings)


class TestWaiting:
    def test_nothing_of_it_is_said_and_the_check_is_as_green_as_before(self, tmp_path: Path) -> None:
        folder = arabic(tmp_path / "p", signed=False)
        assert check(folder, **WHO) == []
        assert loaded(folder).languages == ("sv", "en")
        assert loaded(folder).digest == loaded(SOUND).digest

    def test_a_signed_translation_waits_for_its_register(self, tmp_path: Path) -> None:
        folder = arabic(tmp_path / "p")
        (folder / "ar" / "register.toml").write_text(REGISTER, "utf-8")
        assert loaded(folder).languages == ("sv", "en")

    def test_what_would_be_wrong_is_a_warning_with_its_place(self, tmp_path: Path) -> None:
        broken = WORDS.replace('unknown = "لا نعرف المكان بعد."\n', "")
        found, faults = inspect(arabic(tmp_path / "p", signed=False, words=broken), **WHO)
        assert faults == []
        assert found[0].waiting == ("ar",)
        told = [str(one) for one in found[0].warnings if one.file.startswith("ar/")]
        assert any("before it can be signed" in one and "'unknown'" in one for one in told), told


class TestEasySwedish:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """Return the sound playbooks with an easy first sentence about the place, and easy texts."""
        folder = arabic(tmp_path / "p", words=WORDS)
        (folder / "sv-x-lattlast").mkdir()
        texts = (folder / "ar" / "strommen.toml").read_text("utf-8")
        texts = texts[texts.index("[texts") :].replace("انقطع التيار", "Strömmen är borta")
        easy = 'signed = "webbredaktionen"\n[blanks.plats]\nunknown = "Vi vet inte var än."\n'
        (folder / "sv-x-lattlast" / "strommen.toml").write_text(easy + texts, "utf-8")
        return folder

    def test_it_says_in_swedish_what_it_does_not_say_itself(self, folder: Path) -> None:
        book = loaded(folder)
        assert book.languages == ("sv", "en", "sv-x-lattlast", "ar")
        words = book.render(Fill("first", "live", {"orsak": "nat"}), "own_web", "sv-x-lattlast", stamp())
        assert "Vi vet inte var än." in words  # its own
        assert "Orsaken är ett fel i elnätet." in words  # the Swedish file's
        assert "lördag 14 mars 2026 kl. 02.40" in words

    def test_a_swedish_sentence_that_is_wrong_is_told_in_the_swedish_file(self, folder: Path) -> None:
        file = folder / "strommen.toml"
        file.write_text(file.read_text("utf-8").replace("Orsaken är ${orsak}.", "Orsaken är ${orsak}. VMA."), "utf-8")
        assert {fault.file for fault in check(folder, **WHO)} == {"strommen.toml"}


def test_words_that_only_translations_may_put_are_refused_in_the_swedish_file(tmp_path: Path) -> None:
    folder = arabic(tmp_path / "p")
    file = folder / "strommen.toml"
    broken = file.read_text("utf-8").replace('en = "a fault in the grid" }', 'en = "x", also = { ar = "y" } }')
    file.write_text(broken, "utf-8")
    assert any("write other languages in their own folders" in str(fault) for fault in check(folder, **WHO))


class TestFoldersThatAreNoLanguage:
    @pytest.mark.parametrize("name", ["AR", "ar copy", "..ar", "ar-", "<b>", "sv", "en"])
    def test_one_called_oddly_is_told_with_what_to_do_and_nothing_starts(self, tmp_path: Path, name: str) -> None:
        folder = arabic(tmp_path / "playbooks")
        (folder / "ar").rename(folder / name)
        (fault,) = check(folder, **WHO)
        assert fault.file == f"{name}/" and "move it out" in fault.said.en

    def test_swedish_words_are_changed_in_the_swedish_file_alone(self, tmp_path: Path) -> None:
        """A folder for Swedish would take the place of words that writers and approvers look for elsewhere."""
        shutil.copytree(SOUND, tmp_path / "playbooks")
        (tmp_path / "playbooks" / "sv").mkdir()
        places = '"sjukhuset i Ekby" = "a"\n"sjukhuset i Tallby" = "b"\n"Ekby kommun" = "c"\n'
        words = f'signed = "Amal, översättare, 2026-11-28"\n[words]\nomrade = "Tallby"\n[places]\n{places}'
        (tmp_path / "playbooks" / "sv" / "register.toml").write_text(words, "utf-8")
        assert [fault.file for fault in check(tmp_path / "playbooks", **WHO)] == ["sv/"]
