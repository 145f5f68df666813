"""What goes down with what: whatever is marked, nobody is sent to a number or a site that is part of the outage."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine import Engine, make_engine
from service import Clock, Service

from broadcaster.dependence import Dependence, misdeclared
from broadcaster.manuscript import Content, Register
from broadcaster.playbook import Fill, Playbooks, Snapshot

SHIPPED = Path(__file__).parent.parent / "playbooks"
LOADED = Playbooks.load(SHIPPED, organisation="Region Exempel", timezone="Europe/Stockholm")
PHONE, NOTICE, ARTICLE = "1177_phone", "1177_notice", "1177_article"
NAME = {"sv": "x", "en": "x"}
#: Numbers behind a switchboard behind an operator; one of them is written in two ways.
REGISTER = Register.model_validate(
    {
        "systems": {
            "operator": {"name": NAME},
            "switch": {"name": NAME, "depends_on": ["operator"], "takes": [PHONE]},
            "web": {"name": NAME, "takes": [NOTICE]},
        },
        "contacts": {
            "desk": {"value": "010-111 11 11", "name": NAME, "depends_on": ["switch"]},
            "desk_abroad": {"value": "+46 10 111 11 11", "name": NAME},
            "nurse": {"value": "1177", "name": NAME, "depends_on": [PHONE]},
            "second_line": {"value": "010-222 22 22", "name": NAME, "depends_on": ["nurse"]},
            "site": {"value": "1177.se", "name": NAME, "depends_on": ["web"]},
        },
    }
)


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    made = make_engine(tmp_path, clock)
    yield made
    made.parts.store.close()


@pytest.mark.parametrize(
    ("marked", "follows"),
    [
        ((), set()),
        (("site",), set()),
        (("web",), {NOTICE, "site"}),
        (("nurse",), {"second_line"}),
        ((PHONE,), {"nurse", "second_line"}),
        (("desk_abroad",), {"desk"}),
        (("switch",), {PHONE, "desk", "desk_abroad", "nurse", "second_line"}),
        (("operator",), {"switch", PHONE, "desk", "desk_abroad", "nurse", "second_line"}),
        (("1177",), {"nurse", "second_line"}),
    ],
)
def test_everything_that_depends_on_what_is_down_is_down_too(marked: tuple[str, ...], follows: set[str]) -> None:
    """However many steps away, and a number in every spelling; 1177.se is not the number 1177."""
    assert Dependence(REGISTER).fallen(marked) == {*marked, *follows}


def test_a_sound_graph_has_no_faults_and_one_that_bites_its_tail_is_told_and_still_ends() -> None:
    assert list(misdeclared(REGISTER, {PHONE, NOTICE})) == []
    ring = {"a": {"name": NAME, "depends_on": ["b"]}, "b": {"name": NAME, "depends_on": ["a"]}}
    bitten = Register.model_validate({"systems": ring})
    assert [path for path, _ in misdeclared(bitten, ())] == [("systems", name, "depends_on") for name in "ab"]
    assert Dependence(bitten).fallen(["a"]) == {"a", "b"}


@pytest.mark.parametrize("snapshot", LOADED.all(), ids=lambda snapshot: snapshot.id)
def test_no_text_says_a_contact_that_any_struck_system_takes(snapshot: Snapshot) -> None:
    """Every system, every phase, every text: the approved alternative stands instead of the number or the site."""
    register = Content.model_validate_json(snapshot.content).register_
    for system in snapshot.systems():
        down = Dependence(register).fallen([system.key])
        for phase in snapshot.phases:
            before, fill = Fill(phase, "live", {}), Fill(phase, "live", {}, frozenset({system.key}))
            for channel in snapshot.channels:
                for language in snapshot.languages_of(channel, phase):
                    words = snapshot.render(fill, channel, language, None)
                    same = snapshot.render(before, channel, language, None)
                    for key in down & register.contacts.keys():
                        for said in (one.working.get(language, "") for one in [register.contacts[key]]):
                            assert not said or said.replace(f"${{{key}}}", register.contacts[key].value) not in words
                    if not down & register.contacts.keys():
                        assert words == same


def test_a_system_takes_its_channels_along_and_gives_them_back(engine: Engine) -> None:
    """Their rows say that the crisis has struck them, in later messages too, until somebody says otherwise."""
    first = engine.send(affected=["teleoperator"])
    engine.send("update", first["incident"])
    assert [row["state"] for row in engine.rows(PHONE)] == ["affected", "affected"]
    assert PHONE not in {claim.channel for claim in engine.outbox().claim("w")}
    assert engine.message(first["id"])["incident"] == first["incident"]
    engine.send("update", first["incident"], affected=[])
    assert engine.row(PHONE)["state"] == "owed"


def test_the_phone_goes_on_speaking_of_its_own_outage() -> None:
    """Nobody gets through to 1177, and the voice before the queue is where they hear it."""
    phone = LOADED["telefoni-1177"]
    assert phone.silent("first", ()) == frozenset()
    assert phone.silent("first", ("telefoni1177",)) == {PHONE}
    assert phone.silent("first", ("webb1177",)) == {NOTICE, ARTICLE}


def test_a_blank_takes_no_link_to_a_site_that_a_struck_system_has_taken() -> None:
    water = LOADED["allman-handelse"]
    links = [blank.name for blank in water.blanks("first") if blank.type == "link"]
    assert links
    for name in links:
        known, faults = water.accept("first", {name: "https://www.1177.se/varmland"}, None, ())
        assert known and not faults
        _, (fault,) = water.accept("first", {name: "https://www.1177.se/varmland"}, None, ("webb1177",))
        assert "Webbplatsen är drabbad" in fault.message.sv
        known, faults = water.accept("first", {name: "https://www.krisinformation.se"}, None, ("webb1177",))
        assert known and not faults


def test_the_preview_and_the_contract_say_what_follows(service: Service) -> None:
    shown = service.parts.broadcasts.preview(service.body(affected=["webb1177"]), service.anna)
    assert not {NOTICE, ARTICLE} & {one["channel"] for one in shown["words"]}
    assert not any("1177.se" in one["text"] for one in shown["words"])
    said = service.parts.board.playbook("telefoni-1177")["affected"]
    kinds = [one["kind"] for one in said]
    assert kinds == sorted(kinds, key=["system", "channel", "contact"].index)
    by_key = {one["key"]: one for one in said}
    assert by_key["teleoperator"]["contacts"] == ["Telefonnumret 1177"]
    assert by_key["webb1177"]["contacts"] == ["Webbplatsen 1177.se"]
    assert set(by_key["webb1177"]["channels"]) <= {NOTICE, ARTICLE}
    assert by_key["n112"] == {
        "key": "n112", "kind": "contact", "name": "Nödnumret 112", "contacts": [], "channels": [],
    }  # fmt: skip
