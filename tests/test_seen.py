"""Choosing by what one sees: seven headings, and a search that understands what a frightened person writes."""

from dataclasses import dataclass

import pytest
from service import PLAYBOOKS

from broadcaster.errors import Text
from broadcaster.playbook import Playbooks
from broadcaster.seen import GROUPS, Seen, grouped, search

SHIPPED = Playbooks.load(PLAYBOOKS, organisation="Region Exempel", timezone="Europe/Stockholm").all()


USE = Text("Välj den här när det behövs.", "Choose this when it is needed.")


@dataclass(frozen=True)
class Book:
    title: Text
    use: Text = USE
    seen: tuple[Seen, ...] = ()


def first(asked: str) -> str:
    found = search(SHIPPED, asked)
    return found[0].id if found else ""


def test_the_headings_are_these_seven_in_this_order() -> None:
    names = [group.name.sv for group in GROUPS.values()]
    assert " · ".join(names) == "Telefon · Datorer · Vatten · Olycka eller våld · Smitta · Lokaler och el · Annat"


def test_every_heading_has_a_playbook_as_shipped_and_every_playbook_a_heading() -> None:
    found = grouped(SHIPPED)
    assert list(found) == list(GROUPS)
    assert {one.id for books in found.values() for one in books} == {one.id for one in SHIPPED}
    assert all(one.seen for one in SHIPPED)


def test_a_playbook_stands_under_each_of_its_headings_and_without_one_under_other() -> None:
    fire, unsaid = Book(Text("Brand", "Fire"), seen=("premises", "accident")), Book(Text("Solstorm", "Solar storm"))
    assert grouped([unsaid, fire]) == {"accident": [fire], "premises": [fire], "other": [unsaid]}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("vattnet", "dricksvatten"),
        ("Vattnet smakar konstigt!", "dricksvatten"),
        ("koka", "dricksvatten"),
        ("brand", "rok-gas"),
        ("RÖK", "rok-gas"),
        ("det brinner på sjukhuset", "rok-gas"),
        ("1177", "telefoni-1177"),
        ("växeln", "telefoni-vaxel"),
        ("vaxeln svarar inte", "telefoni-vaxel"),
        ("hackad", "cyberattack"),
        ("hackare", "cyberattack"),
        ("journalen", "it-avbrott-journal"),
        ("journal system down", "it-avbrott-journal"),
        ("bussolycka", "masskada"),
        ("skjutning", "masskada"),
        ("vinterkräksjuka", "besoksforbud"),
        ("akuten", "akut-stangd"),
        ("strömavbrott", "akut-stangd"),
        ("water", "dricksvatten"),
        ("shooting", "masskada"),
        ("people are ill", "besoksforbud"),
    ],
)
def test_everyday_words_find_the_playbook_they_mean_first(asked: str, found: str) -> None:
    books = search(SHIPPED, asked)
    groups = {key for one in SHIPPED if one.id == found for key in one.seen}
    assert found in [one.id for one in books], [one.id for one in books]
    assert groups & set(books[0].seen), f"{books[0].id} is first"


def test_what_a_playbook_is_called_counts_most() -> None:
    called, meant = Book(Text("Vatten i källaren", "Flood")), Book(Text("Koka allt", "Boil"), seen=("water",))
    assert search([meant, called], "vatten") == [called, meant]


@pytest.mark.parametrize("asked", ["", "   ", "det är en", "zebra", "när har vi", "?!", "välj den här när"])
def test_words_that_nothing_follows_from_find_nothing(asked: str) -> None:
    assert search(SHIPPED, asked) == []


def test_accents_capitals_and_forms_do_not_matter() -> None:
    assert first("TELEFONVÄXELN") == first("telefonvaxel") == first("telefonväxlar") != ""
