"""A letter as its recipient opens it: the approved words, headers made of nothing else, one conversation."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from channels.contract_letters import arrived, break_handing_over, letter
from channels.stage import Stage, first_post

from broadcaster.channels import Channel, Fact, Letter, Outcome, Post, Preflight, Reason, Step
from broadcaster.channels.email import EmailSettings, written
from broadcaster.kinds import INSTALLED
from broadcaster.letter_settings import ByMail
from broadcaster.picture import Picture

TO = ByMail(name="Åsele kommun", address="kris@asele.example")
HEADING = "Det går inte att ringa 1177"


def settings(**lines: object) -> EmailSettings:
    usual: dict[str, Any] = {"kind": "email", "host": "mail.region.example", "sender": "kris@region.example",
                             "sender_name": "Region Värmland", "recipients": [TO.model_dump()]}  # fmt: skip
    return EmailSettings.model_validate({**usual, **lines})


def opened(post: Post, **lines: object) -> EmailMessage:
    assert post.letter is not None
    found = message_from_bytes(written(settings(**lines), TO, post, post.letter), policy=default)
    assert isinstance(found, EmailMessage)
    return found


def test_the_heading_is_the_subject_and_the_whole_words_are_the_letter() -> None:
    read = opened(letter())
    assert read["Subject"] == HEADING
    assert read.get_content().replace("\r\n", "\n") == letter().words + "\n"
    assert read["Content-Language"] == "sv"


def test_who_it_is_from_who_it_is_to_and_who_gets_the_answer() -> None:
    read = opened(letter(), reply_to="press@region.example")
    assert str(read["From"]) == "Region Värmland <kris@region.example>"
    assert str(read["To"]) == "Åsele kommun <kris@asele.example>"
    assert read["Reply-To"] == "press@region.example"
    assert (read["Cc"], read["Bcc"]) == (None, None)


def test_no_holiday_reply_comes_back() -> None:
    assert opened(letter())["Auto-Submitted"] == "auto-generated"


def test_the_same_letter_made_twice_is_the_same_to_the_byte() -> None:
    """So that whoever gets the one extra sees one."""
    post = letter(starts_at=datetime(2026, 3, 14, 1, 40, 7, 123, tzinfo=UTC))
    assert post.letter is not None
    assert written(settings(), TO, post, post.letter) == written(settings(), TO, post, post.letter)
    assert opened(post)["Message-ID"] == f"<{post.letter.id}@region.example>"


def test_a_later_letter_belongs_to_the_conversation() -> None:
    read = opened(first_post(letter=Letter("Åsele kommun", "c", ("a", "b"))))
    assert read["In-Reply-To"] == "<b@region.example>"
    assert read["References"] == "<a@region.example> <b@region.example>"


PICTURES = (
    Picture("a" * 64, "image/png", 400, 300, "Karta över Karlstad.", b"\x89PNG one"),
    Picture("b" * 64, "image/jpeg", 400, 300, "Skylt vid entrén.", b"\xff\xd8 two"),
)


def test_pictures_come_behind_the_words_with_what_they_say() -> None:
    """Ready to be passed on: the words as they were approved, the files, and the text for those who do not see them."""
    read = opened(letter(pictures=PICTURES))
    words, *files, said = read.iter_parts()
    assert words.get_content().replace("\r\n", "\n") == letter().words + "\n"
    assert [(one.get_filename(), one.get_content_type(), one.get_content()) for one in files] == [
        ("bild-1.png", "image/png", b"\x89PNG one"),
        ("bild-2.jpg", "image/jpeg", b"\xff\xd8 two"),
    ]
    assert said.get_content().splitlines() == ["bild-1.png: Karta över Karlstad.", "bild-2.jpg: Skylt vid entrén."]
    assert said.get_content_disposition() == "inline"


def test_a_letter_with_pictures_made_twice_is_the_same_to_the_byte() -> None:
    post = letter(pictures=PICTURES)
    assert post.letter is not None
    assert written(settings(), TO, post, post.letter) == written(settings(), TO, post, post.letter)


def test_a_letter_that_is_refused_with_its_pictures_goes_without_them_at_once() -> None:
    """A server that takes no large letters must not cost anybody the words."""
    with Stage(INSTALLED.named("email"), {}) as stage:

        async def act(channel: Channel) -> Outcome:
            break_handing_over(stage, "refused", times=1)
            return await channel.call(Step.SEND, letter(pictures=PICTURES), 10)

        found = stage.run(act)
        assert (found.fact, found.reason) == (Fact.DONE, Reason.NO_PICTURE)
        (one,) = stage.sandbox.state.mailbox.letters()
        assert (one.text(), one.read().is_multipart()) == (letter().words, False)


def test_an_address_that_is_refused_is_not_asked_twice_for_the_pictures_sake() -> None:
    with Stage(INSTALLED.named("email"), {}) as stage:

        async def act(channel: Channel) -> Outcome:
            stage.sandbox.state.script.put({"smtp": [{"on": "RCPT /{who}", "do": "refused"}]})
            return await channel.call(Step.SEND, letter(pictures=PICTURES), 10)

        assert stage.run(act).reason is Reason.GONE
        assert sum(one["method"] == "RCPT" for one in stage.sandbox.state.log.items()) == 1


def test_a_conversation_under_a_long_domain_is_still_one() -> None:
    """Ids written in code, as a library does with long ones, are ids of nothing."""
    letter_ids = tuple(f"7d9e0b8e-0000-5000-8000-00000000000{number}" for number in range(5))
    post = first_post(letter=Letter("Åsele kommun", "c", letter_ids))
    assert post.letter is not None
    domain = "krisinformation.kommunikation.region-med-langt-namn.example"
    content = written(settings(sender=f"kris@{domain}"), TO, post, post.letter)
    ids = [f"<{one}@{domain}>" for one in letter_ids]
    assert f"In-Reply-To: {ids[-1]}\r\n".encode() in content
    assert b"References: " + "\r\n ".join(ids).encode() + b"\r\n" in content


@pytest.mark.parametrize(
    "heading",
    [
        "Vatten =?utf-8?q?x=0D=0ABcc=3A_alla=40elsewhere=2Eexample?=",
        "=?utf-8?b?eApCY2M6IGFAYi5leGFtcGxl?=",
        "Vatten\rBcc: a@b.example",
        "Vatten\u2028Bcc: a@b.example",
        "Vatten\x0bBcc: a@b.example",
    ],
)
def test_no_heading_makes_a_header_of_its_own(heading: str) -> None:
    """Also where the library decodes what it is given, and writes the line ends in it."""
    read = opened(letter(words=f"{heading}\n\nText."))
    assert read.keys().count("Bcc") == 0
    assert read["Subject"].startswith(heading[:1])
    assert "Bcc" in read["Subject"] or "= ?" in read["Subject"]


def test_a_long_heading_is_cut_in_the_subject_only() -> None:
    words = "Ord " * 100 + "\n\nText."
    read = opened(letter(words=words))
    assert len(read["Subject"]) <= 150
    assert read["Subject"].endswith("…")
    assert read.get_content().startswith("Ord " * 100)


def test_lines_are_short_enough_for_every_server() -> None:
    """RFC 5321 section 4.5.3.1.6: no line of more than 998 octets."""
    post = letter(words="x" * 5000 + "\n\n" + "ö" * 3000)
    assert post.letter is not None
    assert max(len(line) for line in written(settings(), TO, post, post.letter).split(b"\r\n")) <= 998


def preflight(**broken: str) -> Preflight:
    """Return what a preflight finds while some commands of the server are broken."""
    with Stage(INSTALLED.named("email"), {}) as stage:
        rules = [{"on": f"{on} {'/{who}' if on == 'EHLO' else '/'}", "do": do} for on, do in broken.items()]
        stage.sandbox.state.script.put({"smtp": rules})
        found: Preflight = stage.run(lambda channel: channel.preflight())
        return found


@pytest.mark.parametrize(
    ("broken", "state", "words"),
    [
        ({"AUTH": "token_dead"}, "red", "godtar inte vårt namn och lösenord"),
        ({"CONNECT": "refused"}, "red", "tar inte emot oss så här"),
        ({"CONNECT": "rate_limited"}, "amber", "tar inte emot något just nu"),
        ({"CONNECT": "drop_before"}, "red", "går inte att nå"),
    ],
)
def test_what_a_red_light_means_and_what_to_do_about_it(broken: dict[str, str], state: str, words: str) -> None:
    found = preflight(**broken)
    assert (found.state, len(found.problems), len(found.english)) == (state, 1, 1)
    assert words in found.problems[0]


def test_the_one_extra_letter_is_the_same_letter_at_the_recipients() -> None:
    """Done behind a broken answer, and sent once more: both have one Message-ID, so a mail program shows one."""
    with Stage(INSTALLED.named("email"), {}) as stage:

        async def act(channel: Channel) -> list[Fact]:
            break_handing_over(stage, "applied_then_drop", times=1)
            return [(await channel.call(Step.SEND, letter(), 10)).fact for _ in range(2)]

        assert stage.run(act) == [Fact.UNCERTAIN, Fact.DONE]
        assert len({one["id"] for one in arrived(stage)}) == 1
