"""What changed since a playbook was approved: all of it, word by word, and nothing else."""

import json
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from service import PLAYBOOKS

from broadcaster.difference import SECTIONS, WORDS_MAX, Change, Difference, Piece, difference, since, words
from broadcaster.errors import Text
from broadcaster.manuscript import Content
from broadcaster.playbook import Playbooks

SHIPPED = Playbooks.load(PLAYBOOKS, organisation="Region Exempel", timezone="Europe/Stockholm")
BOOK = SHIPPED["telefoni-1177"]


def plain(book: str = "telefoni-1177") -> Any:
    return json.loads(SHIPPED[book].content)


def made(data: Any) -> Content:
    return Content.model_validate_json(json.dumps(data))


def changed(edit: str, book: str = "telefoni-1177", *, path: tuple[Any, ...]) -> Difference:
    data = plain(book)
    put(data, path, edit)
    return difference(made(plain(book)), made(data))


def put(data: Any, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        data = data[key]
    data[path[-1]] = value


def leaves(thing: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(thing, dict | list):
        for key, inner in thing.items() if isinstance(thing, dict) else enumerate(thing):
            yield from leaves(inner, (*path, key))
    else:
        yield path, thing


def shown(before: str | None, after: str | None) -> str:
    marks = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
    return "".join(marks[piece.kind].format(piece.text) for piece in words(before, after))


def read(pieces: tuple[Piece, ...], without: str) -> str:
    return "".join(piece.text for piece in pieces if piece.kind != without)


class TestWords:
    def test_a_changed_word_is_marked_and_its_neighbours_are_not(self) -> None:
        assert shown("Ring inte 1177 nu.", "Ring inte 112 nu.") == "Ring inte [-1177-]{+112+} nu."

    def test_a_number_is_one_word_so_that_nobody_has_to_add_up_digits(self) -> None:
        before, after = "Ring 010-831 50 00 i dag.", "Ring 010-831 51 00 i dag."
        assert shown(before, after) == "Ring [-010-831 50 00-]{+010-831 51 00+} i dag."

    def test_changes_side_by_side_are_read_as_one(self) -> None:
        before, after = "Den som ringer nu får vänta länge i kön", "Den som söker oss får vänta länge i kön"
        assert shown(before, after) == "Den som [-ringer nu-]{+söker oss+} får vänta länge i kön"

    def test_texts_with_next_to_nothing_in_common_stand_one_after_the_other(self) -> None:
        before, after = "Telefonen är trasig sedan i natt.", "Kom som vanligt till ditt besök."
        assert shown(before, after) == f"[-{before}-]{{+{after}+}}"

    def test_what_was_not_there_and_what_is_empty_are_told_apart(self) -> None:
        assert words(None, "") == (Piece("new", ""),)
        assert words("Nu.", None) == (Piece("gone", "Nu."),)
        assert words("", "Nu.") == (Piece("gone", ""), Piece("new", "Nu."))

    def test_a_new_paragraph_is_a_change_even_when_every_word_is_the_same(self) -> None:
        assert [one.kind for one in words("Vänta. Ring.", "Vänta.\n\nRing.")] == ["same", "gone", "new", "same"]

    def test_both_texts_can_be_read_out_of_it_whatever_they_are(self) -> None:
        luck = random.Random(7)
        pool = ["Ring", "1177", "inte", ".", " ", " ", "\n", "${link}", "اتصل", "åäö", "010-1 2", ",", "<b>", "&amp;"]
        for _ in range(300):
            before, after = ("".join(luck.choices(pool, k=luck.randrange(40))) for _ in range(2))
            found = words(before, after)
            assert (read(found, "new"), read(found, "gone")) == (before, after)
            assert words(before, after) == found

    def test_a_text_too_long_for_words_is_compared_by_lines_and_a_longer_one_as_a_whole(self) -> None:
        line = "ord " * 1500 + "\n"
        found = words(line + "ett\n", line + "två\n")
        assert [(one.kind, one.text) for one in found[-2:]] == [("gone", "ett\n"), ("new", "två\n")]
        many = "x\n" * WORDS_MAX
        assert [one.kind for one in words(many + "ett", many + "två")] == ["gone", "new"]

    def test_much_that_stayed_the_same_is_cut_around_the_change(self) -> None:
        before = "början " * 200 + "ett " + "slutet " * 200
        pieces = Change((), before, before.replace("ett", "två")).pieces
        assert [one.kind for one in pieces] == ["cut", "same", "gone", "new", "same", "cut"]
        assert sum(len(one.text) for one in pieces) < 400


class TestPlaybooks:
    @pytest.mark.parametrize("book", sorted(SHIPPED))
    def test_nothing_differs_from_itself(self, book: str) -> None:
        found = since(SHIPPED[book].content, SHIPPED[book].content)
        assert (found.things, found.told()) == ((), Text("", ""))

    @pytest.mark.parametrize("book", ["telefoni-1177", "allman-handelse"])
    def test_no_value_can_change_unseen(self, book: str) -> None:
        """Each single value of the content, changed alone, is shown with what it was and what it is."""
        data, checked = plain(book), 0
        before = made(data)
        for path, value in leaves(plain(book)):
            other = _other(value)
            put(data, path, other)
            try:
                after = made(data)
            except ValueError:  # one of a few allowed words
                continue
            finally:
                put(data, path, value)
            checked += 1
            told = [change for thing in difference(before, after).things for change in thing.changes]
            assert any(_text(other) in (change.after or "") for change in told), path
            assert any(_text(value) in (change.before or "") for change in told), path
        assert checked > 100

    def test_it_says_at_a_glance_what_changed_and_how_much(self) -> None:
        data = plain()
        texts = data["playbook"]["texts"]
        for phase, channel in (("first", "facebook"), ("first", "1177_phone"), ("update", "own_web")):
            texts[phase][channel]["sv"] += " Tack."
        next(iter(data["playbook"]["blanks"].values()))["max_length"] = 33
        data["register"]["contacts"]["n112"]["value"] = "113"
        data["playbook"]["version"] += 1
        found = difference(made(plain()), made(data))
        assert found.told() == Text("3 texter, 1 uppgift, 1 nummer", "3 texts, 1 blank, 1 number")
        assert [one.section for one in found.things] == ["texts"] * 3 + ["blanks", "numbers", "edition"]
        assert [one.key[0] for one in found.things[:3]] == ["first", "first", "update"]
        order = data["playbook"]["channels"]
        assert [one.key[1] for one in found.things[:2]] == sorted(("facebook", "1177_phone"), key=order.index)

    def test_a_new_version_with_the_same_words_says_that_nothing_else_changed(self) -> None:
        found = changed("someone-else", path=("playbook", "editor"))
        assert found.told() == Text("", "")
        assert [(one.section, one.key) for one in found.things] == [("edition", ("editor",))]

    def test_a_removed_question_does_not_make_every_answer_after_it_look_changed(self) -> None:
        data = plain()
        del data["playbook"]["answers"][0]
        found = difference(made(plain()), made(data))
        assert [(one.section, one.key, one.kind) for one in found.things] == [("answers", ("1-",), "removed")]

    def test_another_order_of_choices_and_blanks_is_shown_for_it_is_what_a_tired_person_sees_first(self) -> None:
        data = plain("allman-handelse")
        name, spec = next((name, one) for name, one in data["playbook"]["blanks"].items() if one["choices"])
        spec["choices"].reverse()
        data["order"].reverse()
        found = difference(made(plain("allman-handelse")), made(data))
        assert [(one.section, one.key, one.changes[0].path) for one in found.things] == [
            ("blanks", (name,), ("choices", "*")), ("about", ("order",), ()),
        ]  # fmt: skip

    def test_an_added_phase_and_a_removed_language_are_texts_added_and_removed(self) -> None:
        data = plain()
        del data["playbook"]["texts"]["false_alarm"]
        del data["playbook"]["texts"]["first"]["own_web"]["en"]
        less = difference(made(plain()), made(data)).things
        more = difference(made(data), made(plain())).things
        assert {(one.section, one.kind) for one in less} == {("texts", "removed")}
        assert {(one.section, one.kind) for one in more} == {("texts", "added")}
        assert [one.key for one in less] == [one.key for one in more]
        assert less[0].key == ("first", "own_web", "en")

    def test_a_changed_picture_is_one_picture_whatever_of_it_changed(self) -> None:
        data = plain()
        spec = {"file": "karta.png", "alt": {"sv": "Karta", "en": "Map"}, "channels": ["own_web"], "phases": ["first"]}
        file = {"sha256": "0" * 64, "type": "image/png", "width": 600, "height": 400}
        data["playbook"]["pictures"], data["pictures"] = [spec], {"karta.png": file}
        before = made(data)
        assert difference(made(plain()), before).told() == Text("1 bild", "1 picture")
        file["sha256"], spec["languages"] = "1" * 64, []
        found = difference(before, made(data)).things
        assert [(one.section, one.key) for one in found] == [("pictures", ("karta.png",))]
        assert [one.path for one in found[0].changes] == [("languages",), ("sha256",)]

    def test_it_is_the_same_every_time_and_in_the_order_it_is_read(self) -> None:
        one, other = SHIPPED["telefoni-1177"].content, SHIPPED["telefoni-vaxel"].content
        first = since(one, other)
        assert first == difference(Content.model_validate_json(one), Content.model_validate_json(other))
        sections = list(SECTIONS)
        ranks = [sections.index(thing.section) for thing in first.things]
        assert ranks == sorted(ranks)
        assert re.fullmatch(r"\d+ \w+(, \d+ [\w -]+)+", first.told().en)


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else "changed"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
