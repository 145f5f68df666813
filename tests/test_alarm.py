"""Telling a named person: once for one trouble, again until somebody answers, never at the cost of a secret."""

import base64
import hashlib
import hmac
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import ValidationError
from service import Clock
from sqlalchemy import select

from broadcaster import alarm, audit
from broadcaster.alarm import FAILED_AGAIN_S, TEST, Bell, Telling
from broadcaster.errors import Text
from broadcaster.migrations import migrate
from broadcaster.settings import Alarm, Person
from broadcaster.store import Store, Transaction
from broadcaster.tables import alarm as alarm_table

KIB = {"name": "KiB", "email": "kib@region.example", "phone": "+46 70 000 00 00"}
TROUBLE = Text("Facebook svarar inte. Ring webbredaktören.", "Facebook does not answer. Call the web editor.")
SECRET = "webhook-secret-for-tests-0123456789"


@dataclass
class Mailroom:
    """A mail server small enough to read: it takes what it is given and remembers every line."""

    port: int = 0
    letters: list[bytes] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    refuse: bool = False
    offers: tuple[str, ...] = ()


@contextmanager
def mail_server(host: str = "127.0.0.1") -> Iterator[Mailroom]:
    room = Mailroom()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say(b"220 mail.test")
            while line := self.rfile.readline():
                room.lines.append(line.strip())
                verb = line.split(b" ")[0].strip().upper()
                if verb == b"EHLO":
                    for offer in ("mail.test", *room.offers):
                        self.say(f"250-{offer}".encode())
                    self.say(b"250 SIZE 1000000")
                elif verb == b"AUTH":
                    self.say(b"235 welcome")
                elif verb == b"RCPT" and room.refuse:
                    self.say(b"550 nobody here")
                elif verb == b"DATA":
                    self.say(b"354 go on")
                    letter = b""
                    while (line := self.rfile.readline()) != b".\r\n":
                        letter += line
                    room.letters.append(letter)
                    self.say(b"250 taken")
                elif verb == b"QUIT":
                    self.say(b"221 bye")
                    return
                else:
                    self.say(b"250 ok")

        def say(self, line: bytes) -> None:
            self.wfile.write(line + b"\r\n")

    with socketserver.ThreadingTCPServer((host, 0), Handler) as server:
        server.daemon_threads = True
        room.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield room
        server.shutdown()


@dataclass
class Receiver:
    """The other end of a webhook."""

    url: str = ""
    status: int = 200
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def webhook() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(receiver.status)
            self.send_header("location", "http://127.0.0.1:1/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/alarm"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield receiver
        server.shutdown()


@pytest.fixture
def mailroom() -> Iterator[Mailroom]:
    with mail_server() as room:
        yield room


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with webhook() as found:
        yield found


@pytest.fixture
def store(database_url: str, clock: Clock) -> Iterator[Store]:
    store = Store(database_url, clock=clock.now)
    migrate(store)
    yield store
    store.close()


def bell(**settings: object) -> Bell:
    values = {"people": [KIB], "sender": "kris@region.example", **settings}
    return Bell(
        Alarm.model_validate(values),
        smtp_password="hemligt-mejllosen",
        webhook_secret=SECRET,
        board_url="http://127.0.0.1:8000/desk",
    )


def smtp_bell(room: Mailroom, user: str = "", **more: object) -> Bell:
    return bell(smtp=f"smtp://{user}127.0.0.1:{room.port}", **more)


def telling(times: int = 1, ref: str | None = "RE-2026-0001") -> Telling:
    raised, now = datetime(2026, 3, 14, 1, 40, tzinfo=UTC), datetime(2026, 3, 14, 2, 40, tzinfo=UTC)
    return Telling("a1", "delivery", TROUBLE, raised, times, ref, now)


def raise_one(store: Store, kind: str = "service") -> None:
    with store.transaction() as transaction:
        alarm.raise_alarm(transaction, kind, TROUBLE)


def rows(store: Store) -> list[dict[str, object]]:
    with store.reading() as transaction:
        found = transaction.execute(select(alarm_table).order_by(alarm_table.c.kind)).mappings()
        return [dict(row) for row in found]


class TestRaising:
    """One trouble rings once, however often it is found."""

    def test_the_same_trouble_found_again_does_not_ring_twice(self, store: Store) -> None:
        raise_one(store)
        raise_one(store)
        raise_one(store, "other")
        assert [row["kind"] for row in rows(store)] == ["other", "service"]

    def test_after_an_answer_the_same_trouble_rings_anew(self, store: Store) -> None:
        raise_one(store)
        with store.transaction() as transaction:
            assert alarm.answer(transaction, _id(transaction), "user:anna")
        raise_one(store)
        assert len(rows(store)) == 2

    def test_an_alarm_of_an_act_that_failed_never_rings(self, store: Store) -> None:
        def act() -> None:
            with store.transaction() as transaction:
                alarm.raise_alarm(transaction, "service", TROUBLE)
                raise RuntimeError("the act failed")

        with pytest.raises(RuntimeError):
            act()
        assert rows(store) == []

    def test_answering_twice_or_the_unknown_changes_nothing(self, store: Store) -> None:
        raise_one(store)
        with store.transaction() as transaction:
            found = _id(transaction)
            assert alarm.answer(transaction, found, "user:anna")
            assert not alarm.answer(transaction, found, "user:bo")
            assert not alarm.answer(transaction, "nothing", "user:bo")
        assert rows(store)[0]["answered_by"] == "user:anna"


def _id(transaction: Transaction) -> str:
    return str(transaction.execute(select(alarm_table.c.id)).scalar_one())


class TestReminding:
    """It is told again and again until a person answers."""

    def test_it_is_told_at_once_then_every_five_minutes_and_no_more_after_an_answer(
        self, store: Store, clock: Clock, mailroom: Mailroom
    ) -> None:
        raise_one(store)
        ring = smtp_bell(mailroom)
        assert alarm.tell_due(store, ring) == 1
        assert alarm.tell_due(store, ring) == 0
        clock.advance(299)
        assert alarm.tell_due(store, ring) == 0
        clock.advance(1)
        assert alarm.tell_due(store, ring) == 1
        with store.transaction() as transaction:
            alarm.answer(transaction, _id(transaction), "user:anna")
        clock.advance(3600)
        assert alarm.tell_due(store, ring) == 0
        assert len(mailroom.letters) == 2
        assert rows(store)[0]["times"] == 2

    def test_who_may_do_what_is_told_once_and_again_only_until_it_could_be(
        self, store: Store, clock: Clock, mailroom: Mailroom
    ) -> None:
        """It stands at the desk until somebody has read it; nobody is woken every five minutes for it."""
        with store.transaction() as transaction:
            alarm.raise_alarm(transaction, alarm.AUTHORITY, Text("kim lade till ny.", "kim added ny."))
        mailroom.refuse = True
        assert alarm.tell_due(store, smtp_bell(mailroom)) == 0
        mailroom.refuse = False
        clock.advance(FAILED_AGAIN_S)
        assert alarm.tell_due(store, smtp_bell(mailroom)) == 1
        clock.advance(86_400)
        assert alarm.tell_due(store, smtp_bell(mailroom)) == 0
        assert len(mailroom.letters) == 1

    def test_a_mail_that_could_not_be_sent_is_tried_again_sooner(
        self, store: Store, clock: Clock, mailroom: Mailroom
    ) -> None:
        raise_one(store)
        mailroom.refuse = True
        assert alarm.tell_due(store, smtp_bell(mailroom)) == 0
        assert str(rows(store)[0]["last_error"]).startswith("email: SMTPRecipientsRefused")
        mailroom.refuse = False
        clock.advance(FAILED_AGAIN_S)
        assert alarm.tell_due(store, smtp_bell(mailroom)) == 1
        assert rows(store)[0]["last_error"] is None

    def test_one_way_that_works_is_enough_and_the_broken_one_is_named(
        self, store: Store, clock: Clock, receiver: Receiver
    ) -> None:
        raise_one(store)
        ring = bell(smtp="smtp://127.0.0.1:1", webhook=receiver.url)
        assert alarm.tell_due(store, ring) == 1
        assert rows(store)[0]["last_error"] == "email: ConnectionRefusedError"
        clock.advance(FAILED_AGAIN_S)
        assert alarm.tell_due(store, ring) == 0

    def test_with_no_way_set_up_it_waits_unanswered_on_the_board(self, store: Store) -> None:
        raise_one(store)
        assert alarm.tell_due(store, bell()) == 0
        assert rows(store)[0]["times"] == 0

    def test_two_workers_do_not_both_tell_it(self, store: Store, mailroom: Mailroom) -> None:
        raise_one(store)
        told: list[int] = []
        both = [
            threading.Thread(target=lambda: told.append(alarm.tell_due(store, smtp_bell(mailroom)))) for _ in range(2)
        ]
        for worker in both:
            worker.start()
        for worker in both:
            worker.join()
        assert sorted(told) == [0, 1]
        assert len(mailroom.letters) == 1

    def test_every_telling_stands_in_the_log_without_an_address(self, store: Store, mailroom: Mailroom) -> None:
        raise_one(store)
        alarm.tell_due(store, smtp_bell(mailroom))
        with store.reading() as transaction:
            entries = [entry for _, entry in audit.entries(transaction)]
        assert b'"type":"alarm:raised"' in entries[1] and b'"type":"alarm:told"' in entries[2]
        assert not any(b"kib@" in entry for entry in entries)


class TestTheMail:
    def test_it_says_what_where_and_how_to_stop_the_reminders_in_both_languages(self, mailroom: Mailroom) -> None:
        other = {"name": "TiB", "email": "tib@region.example"}
        assert smtp_bell(mailroom, people=[KIB, other, {"name": "Växeln"}]).tell(telling(times=3)) == []
        letter: Message = message_from_bytes(mailroom.letters[0], policy=default)
        assert letter["subject"] == "Krisutskick: RE-2026-0001 behöver dig / needs you (påminnelse/reminder 2)"
        assert letter["to"] == "kib@region.example, tib@region.example"
        assert letter["from"] == "kris@region.example"
        words = letter.get_payload(decode=True)
        assert isinstance(words, bytes)
        for part in (TROUBLE.sv, TROUBLE.en, "http://127.0.0.1:8000/desk/incidents/RE-2026-0001"):
            assert part in words.decode()

    def test_each_reminder_is_a_mail_of_its_own(self, mailroom: Mailroom) -> None:
        ring = smtp_bell(mailroom)
        ring.tell(telling(1, None))
        ring.tell(telling(2, None))
        one, two = (message_from_bytes(letter, policy=default) for letter in mailroom.letters)
        assert one["message-id"] != two["message-id"]
        assert one["subject"] == "Krisutskick: tjänsten (the service) behöver dig / needs you"

    def test_a_test_is_no_alarm_at_first_sight(self, mailroom: Mailroom) -> None:
        smtp_bell(mailroom).tell(replace(telling(1, None), kind=TEST))
        letter = message_from_bytes(mailroom.letters[0], policy=default)
        assert letter["subject"] == "PROV av krislarmet / TEST of the crisis alarm"

    def test_the_password_goes_to_a_server_on_this_very_machine(self, mailroom: Mailroom) -> None:
        mailroom.offers = ("AUTH PLAIN",)
        assert smtp_bell(mailroom, user="kris@").tell(telling()) == []
        assert any(line.startswith(b"AUTH PLAIN") for line in mailroom.lines)

    def test_the_password_is_never_sent_in_clear_over_a_network(self) -> None:
        """An address that is not loopback's own counts as a network, even where it happens to lead to this machine."""
        with mail_server("127.0.0.2") as far:
            far.offers = ("AUTH PLAIN",)
            failures = bell(smtp=f"smtp://kris@127.0.0.2:{far.port}").tell(telling())
        assert failures == ["email: the mail server offers no encryption, so the password is not sent to it"]
        assert far.letters == []
        assert not any(line.startswith(b"AUTH") for line in far.lines)

    @pytest.mark.parametrize("address", ["kib@", "a@[", "<", "a@b.example\r\nBcc: all@b.example"])
    def test_an_address_that_is_none_silences_nobody_else(
        self, mailroom: Mailroom, receiver: Receiver, address: str
    ) -> None:
        """The settings refuse it; and if one comes in by another door, the webhook still rings."""
        with pytest.raises(ValidationError, match="one mail address"):
            smtp_bell(mailroom, people=[{"name": "x", "email": address}])
        ring = smtp_bell(mailroom, webhook=receiver.url)
        person = Person.model_construct(name="x", email=address, phone=None)
        ring.settings = ring.settings.model_copy(update={"people": (person,)})
        failures = ring.tell(telling())
        assert len(failures) == 1 and failures[0].startswith("email: ")
        assert address not in failures[0] or len(address) == 1
        assert mailroom.letters == [] and len(receiver.requests) == 1


class TestTheWebhook:
    def test_the_receiver_can_tell_that_it_is_ours_and_that_it_is_new(self, receiver: Receiver) -> None:
        """Signed in the way of Standard Webhooks; the time is this telling's, or a reminder would look replayed."""
        assert bell(webhook=receiver.url).tell(telling(times=13)) == []
        headers, body = receiver.requests[0]
        at = datetime(2026, 3, 14, 2, 40, tzinfo=UTC)
        assert headers["webhook-id"] == "a1.13"
        assert headers["webhook-timestamp"] == str(int(at.timestamp()))
        signed = f"a1.13.{headers['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{expected}"
        said = json.loads(body)["data"]
        assert said["text"] == {"sv": TROUBLE.sv, "en": TROUBLE.en}
        assert said["people"] == [{"name": "KiB", "phone": "+46 70 000 00 00"}]
        assert said["incident"] == "RE-2026-0001"

    @pytest.mark.parametrize("status", [302, 404, 500])
    def test_an_answer_that_is_no_yes_is_a_failure_and_nothing_is_followed(
        self, receiver: Receiver, status: int
    ) -> None:
        receiver.status = status
        assert bell(webhook=receiver.url).tell(telling()) == [f"webhook: answered {status}"]
        assert len(receiver.requests) == 1

    def test_a_failure_never_repeats_the_address_which_may_be_a_secret(self) -> None:
        failures = bell(webhook="http://127.0.0.1:1/hooks/T0123-secret").tell(telling())
        assert failures == ["webhook: ConnectError"]

    def test_the_ways_are_those_that_are_wholly_set_up(self) -> None:
        assert bell().ways == ()
        assert bell(smtp="smtp://mail.example", sender=None).ways == ()
        assert bell(smtp="smtp://mail.example", people=[{"name": "x"}]).ways == ()
        assert bell(smtp="smtp://mail.example", webhook="https://x.example").ways == ("email", "webhook")
