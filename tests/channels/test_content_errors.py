"""Every refusal of the content management API, provoked over real HTTP: what it is, its words, and its wait."""

import re
from dataclasses import replace
from typing import Any

import pytest
from service import Service, ServiceMaker

from broadcaster import settings as configuration
from broadcaster.channels import Fact, Outcome, Post, Reason, Step
from broadcaster.channels._content_errors import WORDS, words_for
from broadcaster.channels.content_management import ContentManagement
from broadcaster.channels.words import advice
from broadcaster.sandbox.content_refusals import REFUSALS

NUMBERS = {code: number for number, (code, _) in REFUSALS.items()}
#: Every code of the vendor's list. One without words of its own, or one that cannot be provoked, fails here.
CODES = (
    "InvalidModel",
    "InvalidParent",
    "SystemContent",
    "ContentValidation",
    "ReadOnlyContent",
    "NotAllowedParent",
    "StatusTransition",
    "ContentNotRoutable",
    "ContentNotVersionable",
    "ContentNotLocalizable",
    "ContentProvider",
    "InvalidAction",
    "ScheduledPublishing",
    "ForceVersion",
    "DelayedPulish",
    "PropertyReferenceNotFound",
)


def api(base_url: str, parent: int, **more: Any) -> ContentManagement:
    place = configuration.ContentManagement(kind="content_management", base_url=base_url, parent=str(parent), **more)
    return ContentManagement("1177_notice", place, "kris", "CLIENTSECRET")


def kept_of(found: Outcome) -> dict[str, Any]:
    """Return what a delivery keeps of an answer."""
    return {"reason": str(found.reason), "detail": found.detail, "wait_s": found.wait_s}


@pytest.mark.parametrize("early", [False, True], ids=["problem+json", "the early envelope"])
@pytest.mark.parametrize("code", CODES)
def test_each_refusal_is_certain_has_no_wait_and_reads_in_its_own_words(
    code: str, early: bool, sandbox: Any, ask: Any, post: Post
) -> None:
    """Refused, nothing public; the code stands in the log's line, and the words are those of the code."""
    channel = api(f"{sandbox.url}/cms", NUMBERS[code] + (100 if early else 0))
    found = ask(channel, Step.PUT, post)
    assert (found.fact, found.reason, found.wait_s, found.status) == (Fact.REFUSED, Reason.CONTENT, None, 400)
    assert found.detail.endswith(f": HTTP 400 {code}")
    said = advice(found.reason, "1177_notice", kept_of(found))
    assert said.sv == f"{advice(Reason.NONE, '1177_notice').sv.partition(':')[0]}: {WORDS[code].sv}"
    assert said.en.endswith(WORDS[code].en)
    assert sandbox.state.snapshot(sandbox.url)["cms"] == []


@pytest.mark.parametrize("code", sorted(WORDS))
def test_each_code_says_what_happened_what_it_means_and_what_to_do(code: str) -> None:
    """In sentences that can be read once at 02.40; in both languages; the way by hand is always there."""
    said = WORDS[code]
    assert "Publicera för hand nu och kvittera här." in said.sv
    assert "Publish by hand now and acknowledge here." in said.en
    for words in (said.sv, said.en):
        assert len(re.findall(r"[.](?:\s|$)", words)) >= 3 and words.endswith(".")
    for sentence in re.split(r"(?<=[.])\s+", said.sv):
        assert len(sentence.split()) <= 18, sentence
    assert not re.search(r"\b(token|API|HTTP|retry)\b|\b[A-ZÅÄÖ]{2,}\b", said.sv)


def test_no_two_codes_read_the_same() -> None:
    """The code can be told from the words alone."""
    assert len({said.sv for said in WORDS.values()}) == len({said.en for said in WORDS.values()}) == len(WORDS)


@pytest.mark.parametrize(
    "detail", ["", "PUT /x: HTTP 400", "PUT /x: HTTP 400 Unheard", "POST /feed: HTTP 500 InvalidModel"]
)
def test_what_has_no_such_code_keeps_the_usual_words(detail: str) -> None:
    """Also what another channel, or a stranger in between, says."""
    assert words_for(detail) is None
    kept = {"reason": "content", "detail": detail}
    assert advice(Reason.CONTENT, "1177_notice", kept) == advice(Reason.CONTENT, "1177_notice")


def test_a_place_that_is_not_there_is_said_to_be_the_place(sandbox: Any, ask: Any, post: Post) -> None:
    """A page that was never put cannot be looked at; taking it down is done."""
    channel = api(f"{sandbox.url}/cms", 4711)
    found = ask(channel, Step.LOOK, post)
    assert (found.fact, found.reason) == (Fact.ABSENT, Reason.GONE)
    assert found.detail.endswith("HTTP 404 NotFound")
    assert advice(Reason.GONE, "1177_notice", kept_of(found)) == advice(Reason.GONE, "1177_notice")


@pytest.mark.parametrize(
    ("fault", "fact", "reason", "wait_s"),
    [
        ("rate_limited", Fact.REFUSED, Reason.RATE, 1.0),
        ("error_500", Fact.UNCERTAIN, Reason.SERVER, None),
        ("html_502", Fact.UNCERTAIN, Reason.SERVER, None),
        ("redirect", Fact.UNCERTAIN, Reason.SERVER, None),
        ("drop_before", Fact.UNCERTAIN, Reason.NETWORK, None),
    ],
)
def test_what_is_no_refusal_is_not_taken_for_one(
    fault: str, fact: Fact, reason: Reason, wait_s: float | None, sandbox: Any, script: Any, ask: Any, post: Post
) -> None:
    """Only 429 names a wait; what may have happened is uncertain."""
    script("cms", "PUT /api/episerver/v3.0/contentmanagement/{id}", fault)
    found = ask(api(f"{sandbox.url}/cms", 4711), Step.PUT, post)
    assert (found.fact, found.reason, found.wait_s) == (fact, reason, wait_s)


def test_a_dead_key_is_replaced_once_and_then_a_persons_matter(sandbox: Any, script: Any, ask: Any, post: Post) -> None:
    """Two 401 in a row: the key itself is refused, and the words say that the key is."""
    script("cms", "PUT /api/episerver/v3.0/contentmanagement/{id}", "token_dead")
    found = ask(api(f"{sandbox.url}/cms", 4711), Step.PUT, post)
    assert (found.fact, found.reason) == (Fact.REFUSED, Reason.TOKEN)
    assert "nyckel" in advice(found.reason, "1177_notice", kept_of(found)).sv


def test_what_goes_into_html_is_escaped(sandbox: Any, ask: Any, state: Any, post: Post) -> None:
    """Words that look like markup are read as words, on the page and when they are read back."""
    sly = replace(post, words="<b>Fel</b> & sånt\n\n<script>alert(1)</script>\n</p> &amp; \"så\" 'vidare'")
    channel = api(f"{sandbox.url}/cms", 4711)
    assert ask(channel, Step.PUT, sly).fact is Fact.DONE
    assert [one["text"] for one in state()["cms"]] == [sly.words]


def test_fields_the_page_type_wants_are_sent_as_the_settings_say(sandbox: Any, ask: Any, post: Post) -> None:
    """The region's label stands on the page because its field was sent, not because we wrote it into the words."""
    channel = api(f"{sandbox.url}/cms", 4711, properties={"region": "Varmland", "showInMenu": False})
    assert ask(channel, Step.PUT, post).fact is Fact.DONE
    item, _, version = sandbox.state.cms.public()[0]
    assert item.is_notice() and version.value("region") == "Varmland"
    assert version.properties["showInMenu"] == {"value": False}


def test_the_board_reads_the_codes_own_words(make_service: ServiceMaker) -> None:
    """From the refusal over real HTTP, through the worker and the database, to what a person reads."""
    service: Service = make_service()
    channels = dict(service.parts.settings.channels)
    channels["1177_notice"] = channels["1177_notice"].model_copy(update={"parent": str(NUMBERS["InvalidAction"])})
    service = make_service(channels={key: one.model_dump() for key, one in channels.items()})
    sent = service.send(channels=["1177_notice"])
    service.pay()
    assert service.state(sent["id"], "1177_notice") == "needs_person"
    service.add_person("anna", "sender")
    situation = service.parts.board.situation(sent["incident"])
    row = next(one for one in situation.messages[0].deliveries if one.channel == "1177_notice")
    assert row.advice is not None and row.advice.sv.endswith(WORDS["InvalidAction"].sv)
    said = WORDS["InvalidAction"].sv
    told = [one for one in situation.alarms if f"{said[:1].upper()}{said[1:]}" in one.text.sv]
    assert len(told) == 1
