"""The one word for how a message stands, over every combination of how its deliveries stand."""

from datetime import UTC, datetime, timedelta
from itertools import chain, combinations, product
from typing import Any

from service import Service

from broadcaster.standing import State
from broadcaster.tables import delivery, message
from broadcaster.views import deliveries_of, instant, message_state, message_view

NOW = datetime(2026, 3, 14, 1, 40, tzinfo=UTC)
DONE = {"published", "skipped", "affected"}
UNSENT = {"owed", "sending", "retrying", "uncertain"}


def row(**values: Any) -> dict[str, Any]:
    return {
        "accepted_at": NOW,
        "rejected_at": None,
        "recalled_at": None,
        "superseded_at": None,
        "not_after": NOW + timedelta(hours=6),
        **values,
    }


def state_of(states: tuple[State, ...], /, way: str = "draft", **values: Any) -> str:
    return message_state(row(**values), [{"state": str(s), "way": way, "intent": "publish"} for s in states], NOW)


SETS = list(chain.from_iterable(combinations(State, count) for count in range(len(State) + 1)))


def test_every_set_of_delivery_states_has_exactly_the_word_the_contract_gives_it() -> None:
    """4096 sets of states, each as machines' deliveries and as people's, against the contract's own words.

    A person's delivery is only ever owed, for the moment in which its message can be stopped: it will still be sent.
    """
    for states, way in product(SETS, ("upsert", "person")):
        names = {str(state) for state in states}
        if names & UNSENT or ("published" not in names and "needs_person" in names):
            expected = "sending"
        elif names and names <= DONE:
            expected = "published"
        elif "published" in names:
            expected = "partly_published"
        else:
            expected = "failed"
        assert state_of(states, way) == expected, (names, way)


def test_what_was_done_to_the_message_comes_before_how_its_deliveries_stand() -> None:
    some = (State.PUBLISHED, State.OWED)
    later: dict[str, Any] = {"recalled_at": NOW, "superseded_at": NOW}
    assert state_of(some, rejected_at=NOW, accepted_at=None, **later) == "rejected"
    assert state_of((), accepted_at=None) == "awaiting_approval"
    assert state_of((), accepted_at=None, not_after=NOW) == "expired"
    assert state_of((), accepted_at=None, not_after=NOW + timedelta(seconds=1)) == "awaiting_approval"
    assert state_of(some, **later) == "recalled"
    assert state_of(some, superseded_at=NOW) == "superseded"
    assert state_of(some) == "sending"
    assert state_of(some, not_after=NOW - timedelta(days=1)) == "sending", "its time is over only for its deliveries"


def test_a_persons_open_task_beside_something_published_is_partly_published() -> None:
    mixed = [
        {"state": "published", "way": "row", "intent": "publish"},
        {"state": "needs_person", "way": "person", "intent": "publish"},
    ]
    assert message_state(row(), mixed, NOW) == "partly_published"
    assert message_state(row(), mixed[1:], NOW) == "sending"


def test_an_instant_is_said_in_utc_with_a_z() -> None:
    assert instant(NOW) == "2026-03-14T01:40:00.000000Z"
    assert instant(None) is None


def test_a_message_says_everything_the_contract_names(service: Service) -> None:
    sent = service.send()
    assert set(sent) >= {
        "id", "incident", "mark", "phase", "mode", "state", "digest", "created_at", "created_by", "url", "deliveries"
    }  # fmt: skip
    assert set(sent["deliveries"][0]) == {
        "channel", "language", "intent", "state", "attempts", "receipt", "url", "seen_at", "error",
        "next_attempt_at", "person",
    }  # fmt: skip
    assert sent["created_by"] == "anna"
    assert sent["mark"] == f"{sent['incident']}/1"
    pairs = [(one["channel"], one["language"]) for one in sent["deliveries"]]
    assert pairs[:2] == [("own_web", "sv"), ("own_web", "en")], "in the playbook's order, Swedish first"
    with service.parts.store.reading() as transaction:
        assert message_view(transaction, "nothing", service.parts.board.proof) is None
        stored = transaction.execute(message.select()).mappings().one()
        assert len(deliveries_of(transaction, dict(stored))) == len(transaction.execute(delivery.select()).all())
