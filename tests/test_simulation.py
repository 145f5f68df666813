"""
Never lost, doubled or stale, whatever dies or lies: thousands of schedules of the real engine, each of them repeatable.

Beside them stands, for each promise, one violation made by hand: a check that cannot fail would promise nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import structlog
from simulation.batch import ground, quietly, run_seeds
from simulation.chance import Weather
from simulation.city import City
from simulation.database import DOUBLING
from simulation.enumeration import every, flows
from simulation.promises import PROMISES
from simulation.reckoning import Reckoning
from simulation.report import Report
from simulation.schedule import Errand, Schedule, schedule_of
from simulation.time import Time
from simulation.world import Content, Mailboxes, Page, Phone

from broadcaster.channels import Post, Step

CHUNK, SEEDS = 50, 700
#: The ways to where the public reads: here every death meets every answer in one run.
PAIRED = ("draft publish", "post publish", "content publish")
CORRECTED = (Errand(20.0, "correction", "by hand"),)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Let the engine's own log say nothing meanwhile; a run has a trace of its own."""
    before = structlog.get_config()
    quietly()
    yield
    structlog.configure(**before)


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_nothing_is_lost_doubled_or_stale_whatever_fails(first: int) -> None:
    report = Report()
    report.add(run_seeds(first, first + CHUNK))
    assert report.runs == CHUNK
    assert report.violations == [], report.line(f"{first}:{first + CHUNK}")
    assert report.accepted == report.confirmed > 0


@pytest.mark.torture  # minutes for each way
@pytest.mark.parametrize("flow", PAIRED)
def test_every_death_meets_every_answer_and_the_message_comes_out_once(flow: str) -> None:
    runs = list(every(ground(), flow))
    assert len(runs) > 1000
    assert [(once, str(one)) for once, result in runs for one in result.violations] == []


@pytest.mark.parametrize("flow", [flow for flow in flows() if flow not in PAIRED])
def test_every_death_and_every_answer_alone_leaves_what_was_decided_last(flow: str) -> None:
    runs = list(every(ground(), flow, pairs=False))
    assert len(runs) > 40
    assert [(once, str(one)) for once, result in runs for one in result.violations] == []


@pytest.mark.parametrize("seed", [3, 44, 98, 361, 609, 851, 905])
def test_the_same_seed_tells_the_same_story_again(seed: int) -> None:
    one, again = (City(ground(), schedule_of(seed)).run() for _ in range(2))
    assert one.trace == again.trace
    assert len(one.trace) > 5


# -- the checks can fail -------------------------------------------------------------------------------------------


def calm(channel: str = "facebook", errands: tuple[Errand, ...] = (), playbook: str = "allman-handelse") -> Schedule:
    return replace(
        schedule_of(0),
        playbook=playbook,
        protocol="draft",
        channels=(channel,),
        mode="live",
        workers=1,
        weather=Weather(),
        refuses_drafts=False,
        refuses_twins=False,
        token_dead=(0.0, 0.0),
        chaos_s=60.0,
        not_after_minutes=360.0,
        errands=errands,
    )


def lived(channel: str = "facebook", errands: tuple[Errand, ...] = ()) -> City:
    """Return a city after a calm run, with everything still there to be altered."""
    city = City(ground(), calm(channel, errands))
    assert city.run().violations == []
    return city


def found(city: City) -> set[str]:
    """Return the promises that are broken when everything is reckoned up again."""
    Reckoning(city.promises, city.places).reckon()
    return {one.promise for one in city.promises.violations}


def page_of(city: City) -> Page:
    place = city.places[("live", "facebook")]
    assert isinstance(place, Page)
    return place


def post_of(city: City, **changes: object) -> Post:
    (said,) = city.promises.said.values()
    ((_, language), words), *_ = said.words.items()
    plain = Post("", said.ref, said.mark, language, 1, words, "live", datetime(2026, 3, 14, tzinfo=UTC), None)
    return replace(plain, **changes)  # type: ignore[arg-type]


def draft_again(city: City) -> None:
    page_of(city).make(post_of(city).words, post_of(city).mark, public=False)


def post_again(city: City) -> None:
    page_of(city).make(post_of(city).words, post_of(city).mark, public=True)


def take_down(city: City) -> None:
    page = page_of(city)
    page.delete(next(thing.id for thing in page.public()))


def alter(*statements: str) -> Callable[[City], None]:
    def harm(city: City) -> None:
        for statement in statements:
            city.database.ask(statement)

    return harm


def cut_the_log(city: City) -> None:
    for row in city.database.ask("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        city.database.ask(f"DROP TRIGGER {row['name']}")
    city.database.ask("DELETE FROM audit_entry WHERE seq = 3")


def forget_what_was_shown(city: City) -> None:
    city.promises.shown.clear()


def say_something_else(city: City) -> None:
    page = page_of(city)
    page.edit(next(thing.id for thing in page.public()), "Köp biljetter.")


def post_for_nobody(city: City) -> None:
    page_of(city).make("Köp biljetter. RE-2026-0009/1", "RE-2026-0009/1", public=True)


@pytest.mark.parametrize(
    ("promise", "harm"),
    [
        ("lost", alter("DELETE FROM delivery")),
        ("lost", alter("UPDATE delivery SET state = 'expired'")),
        ("lost", alter("UPDATE delivery SET state = 'superseded'")),
        ("doubled", post_again),
        ("stale", say_something_else),
        ("unexpected", post_for_nobody),
        ("a receipt is proof", forget_what_was_shown),
        ("a receipt is proof", alter("UPDATE delivery SET receipt = NULL")),
        ("the board is true", take_down),
        ("a person is told", alter("UPDATE delivery SET state = 'needs_person'")),
        ("everything is logged", alter("UPDATE delivery SET state = 'failed'")),
        ("everything is logged", cut_the_log),
        ("everything is logged", alter("DELETE FROM attempt WHERE number = 1")),
        ("no draft is left", draft_again),
        ("nothing is stuck", alter("UPDATE delivery SET state = 'uncertain'")),
        ("nothing is stuck", alter("UPDATE delivery SET next_attempt_at = created_at")),
    ],
)
def test_what_is_wrong_at_the_end_is_found(promise: str, harm: Callable[[City], None]) -> None:
    city = lived()
    harm(city)
    assert promise in found(city)


def letter_again(city: City, letter_id: str = "the same") -> None:
    (said,) = city.promises.said.values()
    place = city.places[("live", "intranet")]
    assert isinstance(place, Mailboxes)
    place.take(said.words[("intranet", "sv")], said.mark, "sv", "P4", letter_id)


@pytest.mark.parametrize(
    ("promise", "harm"),
    [
        ("lost", alter("DELETE FROM recipient")),
        ("lost", alter("UPDATE recipient SET state = 'dropped'")),
        ("doubled", letter_again),
        ("a receipt is proof", lambda city: city.promises.arrived.clear()),
        ("the board is true", alter("UPDATE recipient SET state = 'missed'")),
        ("a person is told", alter("UPDATE recipient SET state = 'unsure'")),
        ("nothing is stuck", alter("UPDATE recipient SET state = 'sending'")),
    ],
)
def test_what_is_wrong_with_a_letter_at_the_end_is_found(promise: str, harm: Callable[[City], None]) -> None:
    city = lived("intranet")
    harm(city)
    assert promise in found(city)


def test_a_second_letter_is_found_where_a_duplicate_is_preferred_unless_it_is_the_same() -> None:
    city = City(ground(), calm("intranet", playbook=DOUBLING))
    assert city.run().violations == []
    (first,) = city.promises.arrived[("intranet", "RE-2026-0001/1", "sv", "P4")]
    letter_again(city, first)
    assert city.promises.violations == []
    letter_again(city, "another")
    assert {one.promise for one in city.promises.violations} == {"doubled"}


def test_older_words_that_come_back_in_place_are_found() -> None:
    city = lived("1177_notice", CORRECTED)
    first, second = sorted(city.promises.said.values(), key=lambda said: said.number)
    place = city.places[("live", "1177_notice")]
    assert isinstance(place, Content)
    (thing,) = place.things.values()
    assert thing.now.words == second.words[("1177_notice", "sv")]
    place.put(thing.id, first.words[("1177_notice", "sv")], first.mark)
    assert found(city) == {"stale"}


@pytest.mark.parametrize(
    ("promise", "reopened", "changes"),
    [
        ("recorded before it is done", "", {}),
        ("unexpected", "publish", {"words": "Köp biljetter."}),
        ("unexpected", "publish", {"mode": "drill"}),
        ("no call after the lease", "publish", {}),
    ],
)
def test_a_call_that_must_not_be_made_is_found(promise: str, reopened: str, changes: dict[str, object]) -> None:
    city = lived()
    city.database.ask("UPDATE attempt SET closed_at = NULL WHERE step = ?", reopened)
    city.promises.call_begins("w1", "facebook", Step.PUBLISH, post_of(city, **changes), "live")
    assert promise in {one.promise for one in city.promises.violations}


def test_two_calls_at_once_for_one_delivery_are_found() -> None:
    city = lived()
    city.database.ask("UPDATE attempt SET closed_at = NULL, worker = 'w' || number WHERE number < 3")
    for attempt_id, right in city.promises.rights.items():
        city.promises.rights[attempt_id] = replace(right, ends=city.time.now + 20)
    city.promises.call_begins("w2", "facebook", Step.PUBLISH, post_of(city), "live")
    assert [one.promise for one in city.promises.violations] == ["one call at a time"]


def test_a_call_for_words_whose_place_was_taken_is_found() -> None:
    city = lived()
    (said,) = city.promises.said.values()
    said.recalled_commit = 0
    city.database.ask("UPDATE attempt SET closed_at = NULL WHERE step = 'publish'")
    city.promises.call_begins("w1", "facebook", Step.PUBLISH, post_of(city), "live")
    assert "stale" in {one.promise for one in city.promises.violations}


def test_a_delivery_nobody_is_told_about_while_a_worker_lives_is_found() -> None:
    city = City(ground(), calm())
    # Created in the future, so that the engine takes it for new, and says nothing.
    harm = alter("UPDATE delivery SET state = 'uncertain', created_at = '2030-01-01 00:00:00.000000'")
    city.time.at(30.0, lambda: harm(city))
    assert {"a person is told", "nothing is stuck"} <= {one.promise for one in city.run().violations}


def test_what_the_engine_raises_unasked_and_a_key_used_twice_are_among_the_promises() -> None:
    city = lived()
    city.broke(city.processes[0], "claim", KeyError("x"))
    city.people.done.add(f"key-{city.people.keys + 1}")
    city.people.send("first", "allman-handelse", "live", ["facebook"])
    broken = {one.promise for one in city.promises.violations}
    assert broken == {"the engine holds", "asking twice is asking once"} <= set(PROMISES)


# -- the parts -----------------------------------------------------------------------------------------------------


def silent(channel: str, thing: str, mark: str, words: str | None) -> None:
    """Hear of a change, and keep nothing."""


def test_time_does_what_is_due_in_its_order_and_a_set_wall_clock_leaves_it_alone() -> None:
    time, done = Time(), list[str]()
    time.at(2.0, lambda: done.append("later"))
    time.at(1.0, lambda: done.append("sooner"))
    time.wall_offset_s = -3600.0
    assert time.next_due == 1.0
    time.now = 2.0
    time.run_due()
    assert done == ["sooner", "later"]
    assert time.true_of(time.wall()) == pytest.approx(2.0)


def test_the_page_refuses_a_twin_and_shows_drafts_to_nobody() -> None:
    page = Page("facebook", Time(), silent, refuses_twins=True)
    draft = page.make("a RE-1/1", "RE-1/1", public=False)
    assert draft is not None
    assert not list(page.public())
    assert page.publish(draft)
    assert page.publish(draft)
    assert page.make("a RE-1/1", "RE-1/1", public=True) is None
    assert page.delete(draft)
    assert not page.edit(draft, "b")


def test_a_reader_who_lags_behind_sees_what_was() -> None:
    time = Time()
    place = Content("1177_notice", time, silent)
    place.put("o", "old", "RE-1/1")
    time.now = 10.0
    place.put("o", "new", "RE-1/2")
    assert place.things["o"].seen(9.0).words == "old"
    assert place.things["o"].now.words == "new"


def test_the_phone_queue_keeps_the_newer_revision_and_remembers_what_was_taken_down() -> None:
    phone = Phone("1177_phone", Time(), silent)
    assert phone.put("o", "new", 2, "RE-1/2")
    assert not phone.put("o", "old", 1, "RE-1/1")
    assert phone.delete("o", 1) == "stale"
    assert phone.delete("o", 3) == "gone"
    assert not phone.put("o", "new", 2, "RE-1/2")
    assert phone.delete("other", 1) == "missing"


def test_each_violation_names_a_promise_that_is_written_down() -> None:
    city = lived()
    post_again(city)
    post_again(city)
    assert found(city) <= set(PROMISES)
    assert str(city.promises.violations[0]).startswith("doubled at ")
