"""Prepared exercises: sound, about playbooks that are here, and a region can add its own."""

from pathlib import Path

import pytest
from service import PLAYBOOKS, Service, ServiceMaker, loaded, settings_for

from broadcaster import scenarios
from broadcaster.errors import Unfit
from broadcaster.settings import Settings

ONE = """
[[scenario]]
id = "{id}"
playbook = "{playbook}"
title = {{ sv = "Egen", en = "Own" }}
alarm = {{ sv = "Det ringer.", en = "It rings." }}
known = [{{ sv = "a", en = "a" }}]
unknown = [{{ sv = "b", en = "b" }}]
turns = [{turns}]
"""
OVER = '{ do = "all_clear", said = { sv = "Klart.", en = "Done." } }'
UPDATE = '{ do = "update", said = { sv = "Nytt.", en = "News." } }'


def settings(tmp_path: Path, text: str | None = None) -> Settings:
    if text is None:
        return settings_for(tmp_path, "http://127.0.0.1:1")
    (tmp_path / "own.toml").write_text(text, "utf-8")
    return settings_for(tmp_path, "http://127.0.0.1:1", drill={"scenarios": "own.toml"})


def one(id: str = "egen", playbook: str = "telefoni-1177", turns: str = OVER) -> str:
    return ONE.format(id=id, playbook=playbook, turns=turns)


def test_every_one_of_ours_is_about_a_playbook_that_has_words_for_every_turn() -> None:
    found = loaded(settings_for(PLAYBOOKS.parent, "http://127.0.0.1:1"))
    assert found is not None
    phases = {book.id: book.phases for book in found.all()}
    assert {one.playbook for one in scenarios.ours().values()} <= phases.keys()
    assert scenarios.misfits(scenarios.ours(), phases) == []


def test_every_one_of_ours_says_what_is_known_and_what_is_not_in_both_languages() -> None:
    for prepared in scenarios.ours().values():
        for words in (prepared.title, prepared.alarm, *prepared.known, *prepared.unknown):
            assert words.sv != words.en


def test_a_region_adds_its_own_and_replaces_ours_by_the_id(tmp_path: Path) -> None:
    found = scenarios.load(settings(tmp_path, one() + one(id="vattnet")))
    assert found["egen"].title.sv == found["vattnet"].title.sv == "Egen"
    assert "vaxeln-tyst" in found


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[scenario", "not TOML"),
        (one(turns=UPDATE), "an exercise ends"),
        (one(turns=f"{OVER}, {UPDATE}"), "an exercise ends"),
        (one(turns=""), "turns"),
        (one(id="Stor"), "id"),
        (one() + one(), "two scenarios have the id egen"),
        (one() + 'mode = "live"\n', "mode"),
    ],
)
def test_one_that_is_not_sound_is_named_with_its_file_and_why(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(Unfit, match=why) as told:
        scenarios.load(settings(tmp_path, text))
    assert "own.toml" in str(told.value)


def test_one_of_the_regions_about_a_playbook_that_is_not_here_is_told(tmp_path: Path) -> None:
    found = scenarios.load(settings(tmp_path, one(playbook="finns-inte")))
    phases = dict.fromkeys((each.playbook for each in scenarios.ours().values()), ("first", "all_clear"))
    said = " ".join(scenarios.misfits({"egen": found["egen"]}, phases))
    assert said == "scenario egen: there is no playbook finns-inte"
    assert "no words for update" in " ".join(scenarios.misfits(scenarios.ours(), phases))


def test_the_next_turn_comes_when_the_one_before_was_answered_and_none_after_the_end() -> None:
    prepared = scenarios.ours()["vaxeln-tyst"]
    turns = [prepared.turn_after(out) for out in (["first"], ["first", "correction"], ["first", "update"])]
    assert [turn.do for turn in turns if turn] == ["update", "update", "all_clear"]
    assert prepared.turn_after(["first", "update", "all_clear"]) is None
    assert prepared.turn_after(["first", "false_alarm"]) is None


def test_a_file_that_cannot_be_read_never_keeps_the_desk_from_opening(make_service: ServiceMaker) -> None:
    service: Service = make_service(drill={"scenarios": "finns-inte.toml"})
    service.add_person("anna", "sender")
    from_outside = service.flask().test_client()
    assert from_outside.get("/login").status_code == 200
