"""What a machine can do: read, preview, send, say yes or no, take back, and follow every delivery."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from machine import PREFIX, Machine, deeds, problem
from service import Service

Make = Callable[..., Machine]


@pytest.fixture
def switchboard(machine: Make) -> Machine:
    """Return the switchboard's machine, which may send."""
    return machine("read", "send")


@pytest.fixture
def watcher(machine: Make) -> Machine:
    """Return another machine that may send, so that it can say yes to others' messages."""
    return machine("read", "send", name="larmcentral")


def body(phase: str = "first", **more: Any) -> dict[str, Any]:
    return {"playbook": "telefoni-1177", "phase": phase, "mode": "live", **more}


def delivery(message: dict[str, Any], channel: str, language: str = "sv") -> dict[str, Any]:
    found: list[dict[str, Any]] = message["deliveries"]
    return next(one for one in found if (one["channel"], one["language"]) == (channel, language))


# -- reading ---------------------------------------------------------------------------------------------------------


def test_every_playbook_can_be_listed_and_read_alone(reader: Machine) -> None:
    listed = reader.get("/playbooks").json
    assert listed is not None and listed["next"] is None
    for one in listed["items"]:
        assert reader.get(f"/playbooks/{one['id']}").json == one
        assert one["approval"]["state"] == "approved" and one["digest"].startswith("sha256:")


def test_every_example_of_a_blank_is_accepted(reader: Machine) -> None:
    listed = reader.get("/playbooks").json
    assert listed is not None
    for playbook in listed["items"]:
        for phase, described in playbook["phases"].items():
            blanks = {name: one["examples"][0] for name, one in described["blanks"]["properties"].items()}
            asked = {"playbook": playbook["id"], "phase": phase, "mode": "drill", "blanks": blanks}
            assert reader.post("/previews", asked).status_code == 200, (playbook["id"], phase)


def test_the_channels_that_are_set_up_say_how_they_are(reader: Machine) -> None:
    found = reader.get("/channels").json
    assert found is not None and found["next"] is None
    assert {one["key"]: one["kind"] for one in found["items"]}["facebook"] == "facebook"
    assert {one["preflight"]["state"] for one in found["items"]} <= {"green", "amber", "red"}


@pytest.mark.parametrize("path", ["/playbooks/finns-inte", "/messages/finns-inte", "/incidents/RE-2026-9999"])
def test_what_does_not_exist_is_not_found(reader: Machine, path: str) -> None:
    assert reader.get(path).status_code == 404


def test_an_incident_is_read_by_its_reference_and_found_in_the_list(service: Service, switchboard: Machine) -> None:
    refs = []
    for place in ("karlstad", "arvika", "torsby"):
        service.clock.advance(60)
        answer = switchboard.send(body(again=True)).json
        assert answer is not None, place
        refs.append(answer["incident"])
    one = switchboard.get(f"/incidents/{refs[0]}").json
    assert one is not None
    assert (one["ref"], one["mode"], one["playbook"], one["state"]) == (refs[0], "live", "telefoni-1177", "open")
    assert [message["mark"] for message in one["messages"]] == [f"{refs[0]}/1"]
    page = switchboard.get("/incidents?limit=2&state=open").json
    assert page is not None and [item["ref"] for item in page["items"]] == refs[:0:-1]
    rest = switchboard.get(f"/incidents?limit=2&state=open&after={page['next']}").json
    assert rest is not None and ([item["ref"] for item in rest["items"]], rest["next"]) == ([refs[0]], None)
    closed = switchboard.get("/incidents?state=closed").json
    assert closed == {"items": [], "next": None}
    assert problem(switchboard.get("/incidents?after=RE-2026-9999")) == (422, "wrong-query", ["/after"])


def test_the_log_is_read_page_by_page_without_a_gap(service: Service, switchboard: Machine, machine: Make) -> None:
    switchboard.send(body())
    auditor = machine("audit", name="granskare")
    seqs: list[int] = []
    page: dict[str, Any] | None = {"next": -1}
    while page is not None and page["next"] is not None:
        page = auditor.get(f"/audit?limit=7&after={page['next']}").json
        assert page is not None and 0 < len(page["items"]) <= 7
        seqs += [item["seq"] for item in page["items"]]
        assert all(json.loads(item["entry"])["seq"] == item["seq"] for item in page["items"])
    assert seqs == list(range(len(service.entries())))


@pytest.mark.parametrize("path", ["/audit/checkpoint", "/audit/0/proof"])
def test_there_is_no_signed_tree_yet_and_the_answer_says_what_to_use(reader: Machine, path: str) -> None:
    answer = reader.get(path)
    assert problem(answer) == (404, "no-signed-tree", [])
    assert "audit verify" in answer.get_data(as_text=True)


# -- sending ---------------------------------------------------------------------------------------------------------


def test_a_preview_and_the_message_made_from_it_have_one_digest(service: Service, switchboard: Machine) -> None:
    before = deeds(service)
    preview = switchboard.post("/previews", body())
    assert preview.status_code == 200 and deeds(service) == before
    assert preview.json is not None and {one["channel"] for one in preview.json["words"]} >= {"own_web", "facebook"}
    assert all(one["length"] == len(one["text"]) <= one["limit"] for one in preview.json["words"])
    answer = switchboard.send(body(digest=preview.json["digest"]))
    assert answer.status_code == 202 and answer.json is not None
    assert answer.json["digest"] == preview.json["digest"]


def test_an_accepted_message_says_where_it_can_be_followed(switchboard: Machine) -> None:
    answer = switchboard.send(body())
    message = answer.json
    assert answer.status_code == 202 and message is not None
    assert answer.headers["Location"] == f"{PREFIX}/messages/{message['id']}"
    assert "Idempotency-Replayed" not in answer.headers
    assert switchboard.get(f"/messages/{message['id']}").json == message
    own = delivery(message, "own_web")
    assert own["state"] == "published" and own["receipt"]["id"]


def test_asking_again_gives_the_first_answer_to_the_byte(service: Service, switchboard: Machine) -> None:
    key = {"Idempotency-Key": '"samma"'}
    first = switchboard.post("/messages", body(), **key)
    before = deeds(service)
    again = switchboard.post("/messages", body(blanks=None, incident=None), **{"Idempotency-Key": "samma"})
    assert (again.status_code, again.data) == (202, first.data) and deeds(service) == before
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]


def test_one_key_is_for_one_request_of_one_client(service: Service, switchboard: Machine, watcher: Machine) -> None:
    key = {"Idempotency-Key": "samma"}
    switchboard.post("/messages", body(), **key)
    before = deeds(service)
    assert problem(switchboard.post("/messages", body(again=True), **key))[:2] == (422, "idempotency-key-reused")
    assert deeds(service) == before
    assert watcher.post("/messages", body(again=True), **key).status_code == 202


def test_a_refused_message_does_not_use_up_its_key(switchboard: Machine) -> None:
    key = {"Idempotency-Key": "samma"}
    assert switchboard.post("/messages", body(phase="fel"), **key).status_code == 422
    assert switchboard.post("/messages", body(), **key).status_code == 202


def test_a_month_old_key_still_gives_its_first_answer(service: Service, switchboard: Machine) -> None:
    first = switchboard.post("/messages", body(), **{"Idempotency-Key": "gammal"})
    service.clock.advance(31 * 24 * 3600)
    again = switchboard.post("/messages", body(), **{"Idempotency-Key": "gammal"})
    assert again.data == first.data and again.headers["Idempotency-Replayed"] == "true"


def test_twenty_impatient_twins_make_one_message(service: Service, switchboard: Machine) -> None:
    twins = [Machine(service) for _ in range(20)]
    for twin in twins:
        twin.key = switchboard.key

    def post(twin: Machine) -> tuple[int, bytes]:
        answer = twin.post("/messages", body(), **{"Idempotency-Key": "tvilling"})
        return answer.status_code, answer.data

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, twins))
    assert len(set(answers)) == 1 and answers[0][0] == 202
    assert deeds(service)["message"] == 1


def test_the_same_crisis_is_not_started_twice_by_mistake(
    service: Service, switchboard: Machine, watcher: Machine
) -> None:
    first = switchboard.send(body()).json
    assert first is not None
    answer = watcher.send(body())
    assert problem(answer)[:2] == (409, "already-running") and first["incident"] in answer.get_data(as_text=True)
    assert watcher.send(body(again=True)).status_code == 202


def test_a_drill_key_reaches_nothing_live(service: Service, machine: Make) -> None:
    drill = machine("read", "send", mode="drill", name="ovning")
    before = deeds(service)
    assert problem(drill.send(body()))[:2] == (403, "drill-key") and deeds(service) == before
    answer = drill.send({**body(), "mode": "drill"})
    assert answer.status_code == 202 and answer.json is not None
    assert answer.json["incident"].startswith("OVN-") and "/desk/drills/" in answer.json["url"]


# -- yes, no, back ---------------------------------------------------------------------------------------------------


def test_a_proposed_message_waits_until_somebody_else_says_yes(machine: Make, watcher: Machine) -> None:
    proposer = machine("read", "propose", name="forslag")
    waiting = proposer.send(body()).json
    assert waiting is not None and (waiting["state"], waiting["deliveries"]) == ("awaiting_approval", [])
    path = f"/messages/{waiting['id']}/approve"
    assert problem(proposer.post(path, {"digest": waiting["digest"]}))[:2] == (403, "scope-missing")
    assert problem(watcher.post(path, {"digest": "sha256:" + "0" * 64}))[:2] == (409, "digest")
    answer = watcher.post(path, {"digest": waiting["digest"]})
    assert answer.status_code == 202 and answer.json is not None and answer.json["state"] == "sending"
    assert problem(watcher.post(path, {"digest": waiting["digest"]}))[:2] == (409, "not-waiting")


def test_a_machine_never_says_yes_to_a_free_sentence(switchboard: Machine, watcher: Machine) -> None:
    first = switchboard.send(body()).json
    assert first is not None
    waiting = switchboard.send(body("update", incident=first["incident"], sentence="Vi har hittat felet.")).json
    assert waiting is not None and waiting["state"] == "awaiting_approval"
    path = f"/messages/{waiting['id']}"
    assert problem(watcher.post(f"{path}/approve", {"digest": waiting["digest"]}))[:2] == (403, "person-needed")
    rejected = watcher.post(f"{path}/reject", {"reason": "Vi vet inte det än."})
    assert rejected.status_code == 202 and rejected.json is not None and rejected.json["state"] == "rejected"


def test_a_message_is_taken_back_once(switchboard: Machine) -> None:
    message = switchboard.send(body()).json
    assert message is not None
    path = f"/messages/{message['id']}/recall"
    recalled = switchboard.post(path, {"reason": "Fel nummer."}, **{"Idempotency-Key": "tillbaka"})
    assert recalled.status_code == 202 and recalled.json is not None and recalled.json["state"] == "recalled"
    again = switchboard.post(path, {"reason": "Fel nummer."}, **{"Idempotency-Key": "tillbaka"})
    assert again.headers["Idempotency-Replayed"] == "true" and again.data == recalled.data
    assert problem(switchboard.post(path, {"reason": "Fel nummer."}))[:2] == (409, "recalled")
    assert problem(switchboard.post(path, {})) == (422, "invalid-fields", ["/reason"])


# -- one delivery ----------------------------------------------------------------------------------------------------


def test_a_person_pastes_and_acknowledges_with_the_address(switchboard: Machine) -> None:
    message = switchboard.send({**body(), "playbook": "allman-handelse"}).json
    assert message is not None and delivery(message, "intranet")["state"] == "needs_person"
    path = f"/messages/{message['id']}/deliveries/intranet/sv/acknowledge"
    assert problem(switchboard.post(path))[0] == 422
    assert problem(switchboard.post(path, {"url": "javascript:alert(1)"})) == (422, "invalid-fields", ["/url"])
    done = switchboard.post(path, {"url": "https://intra.region.example/kris"})
    assert done.status_code == 202 and done.json is not None
    found = delivery(done.json, "intranet")
    assert (found["state"], found["url"]) == ("published", "https://intra.region.example/kris")
    assert found["receipt"]["by"] == "vaxel"
    assert problem(switchboard.post(path, {"reason": "Sidan är nere."}))[0] == 409


def test_a_delivery_that_is_owed_can_be_hurried_and_one_that_is_done_cannot(switchboard: Machine) -> None:
    message = switchboard.send(body()).json
    assert message is not None
    path = f"/messages/{message['id']}/deliveries"
    bodies: tuple[dict[str, Any] | None, ...] = (None, {})
    for said in bodies:
        hurried = switchboard.post(f"{path}/facebook/sv/retry", said)
        assert hurried.status_code == 202 and hurried.json is not None
        assert delivery(hurried.json, "facebook")["state"] == "owed"
    assert problem(switchboard.post(f"{path}/own_web/sv/retry"))[0] == 409
    assert problem(switchboard.post(f"{path}/facebook/sv/retry", {"force": True})) == (
        422,
        "invalid-fields",
        ["/force"],
    )
    assert problem(switchboard.post(f"{path}/facebook/fi/retry"))[:2] == (404, "no-such-delivery")
    assert problem(switchboard.post(f"{path}/telex/sv/acknowledge", {}))[:2] == (404, "no-such-delivery")
