"""
The tables, a sentence per column. Every nullable column says what null means.

Times are UTC. Identifiers made by us are UUIDs in text. A migration goes with every change (`broadcaster/migrations`).
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Utc(TypeDecorator[datetime]):
    """An instant. Refuses naive times, so that no local time is ever taken for UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC; SQLite has no zone of its own."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Return an aware time in UTC."""
        aware = value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value
        return None if aware is None else aware.astimezone(UTC)


def _json() -> JSON:
    return JSON(none_as_null=True)


def _column(name: str, kind: Any, *rest: Any, null: bool = False, **more: Any) -> Column[Any]:
    return Column(name, kind, *rest, nullable=null, **more)


# -- words -------------------------------------------------------------------------------------------------------

snapshot = Table(
    "snapshot",
    metadata,
    _column("digest", String(71), primary_key=True),  # sha256:… of `content`
    _column("playbook", String(64)),
    _column("version", Integer),
    _column("content", LargeBinary),  # the exact RFC 8785 bytes two people approve: words, register values, lines
    _column("stored_at", Utc),
    _column("revoked_at", Utc, null=True),  # null: never revoked
    _column("revoked_by", String(64), null=True),
)

approval = Table(
    "approval",
    metadata,
    _column("digest", String(71), ForeignKey("snapshot.digest"), primary_key=True),
    _column("by", String(64), primary_key=True),  # the person's name; two different ones make it approved
    _column("at", Utc),
    _column("expires_at", Utc),  # after this no new incident starts from it; running ones go on
)

# -- what happens ------------------------------------------------------------------------------------------------

series = Table(
    "series",
    metadata,
    _column("mode", String(5), primary_key=True),
    _column("year", Integer, primary_key=True),
    _column("last", Integer),  # the last number given; drills have a series of their own
)

incident = Table(
    "incident",
    metadata,
    _column("id", String(36), primary_key=True),
    _column("ref", String(32), unique=True),  # RV-2026-0031, OVN-RV-2026-0007
    _column("mode", String(5)),
    _column("playbook", String(64)),
    _column("digest", String(71), ForeignKey("snapshot.digest")),  # the approved snapshot it is pinned to
    _column("places", _json()),  # values of its `place` blanks, for the guard against starting the same twice
    _column("affected", _json()),  # channel keys and register numbers the crisis has struck
    _column("marks", Integer),  # the last mark given
    _column("state", String(6)),  # open, closed
    _column("opened_at", Utc),
    _column("closed_at", Utc, null=True),  # null: open
    CheckConstraint("state IN ('open', 'closed')", name="state"),
    CheckConstraint("mode IN ('live', 'drill')", name="mode"),
)

message = Table(
    "message",
    metadata,
    _column("id", String(36), primary_key=True),
    _column("incident_id", String(36), ForeignKey("incident.id"), index=True),
    _column("number", Integer),  # the mark is <incident ref>/<number>
    _column("phase", String(12)),
    _column("digest", String(71)),  # the message digest: what a preview showed
    _column("playbook_digest", String(71), ForeignKey("snapshot.digest")),
    _column("blanks", _json()),  # declared blanks that are known; the rest say their "not known yet"
    _column("channels", _json()),  # channel keys, in order
    _column("affected", _json()),
    _column("sentence", Text, null=True),  # null: no free sentence
    _column("next_update", Utc, null=True),  # when its words promise the next; null: as the playbook says
    _column("decided_by", _json(), null=True),  # null: nobody was named
    _column("created_at", Utc),
    _column("created_by", String(80)),  # client: user:<name> or key:<name>
    _column("accepted_at", Utc, null=True),  # null: waits for a yes; the words' time; < created_at: published by hand
    _column("not_after", Utc),  # from here on nothing of it is sent any more
    _column("approved_by", String(80), null=True),  # null: needed no approval of its own
    _column("rejected_at", Utc, null=True),
    _column("rejected_by", String(80), null=True),
    _column("recalled_at", Utc, null=True),
    _column("recalled_by", String(80), null=True),
    _column("superseded_at", Utc, null=True),  # null: no later correction, false alarm or all-clear was accepted
    UniqueConstraint("incident_id", "number"),
)

delivery = Table(
    "delivery",
    metadata,
    _column("id", String(36), primary_key=True),
    _column("message_id", String(36), ForeignKey("message.id"), index=True),
    _column("incident_id", String(36), ForeignKey("incident.id"), index=True),
    _column("number", Integer),  # the message's, for order
    _column("phase", String(12)),
    _column("mode", String(5)),
    _column("channel", String(32)),
    _column("language", String(32)),
    _column("way", String(8)),  # upsert, draft, post, row, person: how it goes out
    _column("intent", String(8)),  # publish, update, withdraw
    _column("state", String(12)),
    _column("step", String(8), null=True),  # the call that comes next; null: none is owed
    _column("object_id", String(36)),  # uuid5(incident, channel, language): our own id where a channel lets us choose
    _column("revision", Integer),  # only grows, per object; upserts carry it
    _column("words", Text),  # exact; proved against the snapshot before every call
    _column("top_from", String(36), null=True),  # the message whose ending stands at the top; null: none does
    _column("remote_id", String(255), null=True),  # the channel's id of the draft or object; null: not recorded
    _column("url", Text, null=True),  # where the public sees it; null: not known
    _column("receipt", _json(), null=True),  # {"id", "at", "by"}; null: no proof yet
    _column("seen_at", Utc, null=True),  # when the very words were last read back from outside
    _column("error", _json(), null=True),  # as `ledger` writes it: reason, code, words…; null: nothing wrong
    _column("person", String(120), null=True),  # who has it as a task; null: nobody
    _column("deadline_at", Utc, null=True),  # a person's task should be done by then; null: no task
    _column("was_task", Boolean, default=False),  # a person was given it to paste, so it may be public unknown to us
    _column("attempts", Integer, default=0),
    _column("tries", Integer, default=0),  # attempts since the last progress; the wait grows with it
    _column("deaths", Integer, default=0),  # workers that died holding it since the last progress
    _column("unsure_since", Utc, null=True),  # first uncertain call not yet explained; null: none
    _column("unsure_last", Utc, null=True),  # the last such call, the grace counts from it; null: none
    _column("ever_unsure", Boolean, default=False),
    _column("risked", Boolean, default=False),  # a second public copy may exist: a late look takes one away
    _column("swept_at", Utc, null=True),  # when orphan drafts and copies were last looked for; null: not since it spoke
    _column("fence", Integer, default=0),  # raised by every claim and every superseding; writes must name it
    _column("lease_until", Utc, null=True),  # null: nobody works on it
    _column("lease_by", String(64), null=True),
    _column("next_attempt_at", Utc, null=True),  # null: nothing is owed by a machine
    _column("not_after", Utc),
    _column("created_at", Utc),
    _column("ended_at", Utc, null=True),
    _column("alarmed_at", Utc, null=True),  # null: nobody had to be told
    _column("reminded_at", Utc, null=True),  # when somebody was told that the deadline is near; null: not yet
    _column("sight", String(12), null=True),  # what a citizen saw at `url` last (outside.Sight); null: not looked
    _column("looks", Integer, default=0),
    _column("look_at", Utc, null=True),  # when it is looked at next; null: not planned
    UniqueConstraint("message_id", "channel", "language"),
    Index("ix_delivery_due", "next_attempt_at"),
)

attempt = Table(
    "attempt",
    metadata,
    _column("id", String(36), primary_key=True),
    _column("delivery_id", String(36), ForeignKey("delivery.id"), index=True),
    _column("number", Integer),
    _column("fence", Integer),
    _column("step", String(8)),
    _column("intent", String(8)),
    _column("can_publish", Boolean),  # an open one after a crash is then uncertain, else not sent
    _column("worker", String(64)),
    _column("opened_at", Utc),
    _column("closed_at", Utc, null=True),  # null: running, or its worker died
    _column("fact", String(12), null=True),
    _column("reason", String(16), null=True),
    _column("status", Integer, null=True),
    _column("code", Integer, null=True),
    _column("remote_id", String(255), null=True),
    _column("detail", Text, null=True),
)

public_copy = Table(
    "public_copy",
    metadata,
    _column("id", String(36), primary_key=True),
    _column("delivery_id", String(36), ForeignKey("delivery.id"), index=True),
    _column("kept_at", Utc),  # right before it was replaced, changed or taken down
    _column("words", Text),  # as the public could read them
    _column("remote_id", String(255), null=True),  # null: the channel gave no id
    _column("url", Text, null=True),  # null: not known
    _column("read_at", Utc, null=True),  # when these very words were last read back; null: a person's word only
)

idempotency = Table(
    "idempotency",
    metadata,
    _column("client", String(80), primary_key=True),
    _column("key", String(255), primary_key=True),
    _column("body", String(64)),  # hex SHA-256 of the canonical body; absent and null are equal
    _column("answer", LargeBinary),  # the exact bytes of the first 202
    _column("at", Utc),
)

# -- proof -------------------------------------------------------------------------------------------------------

audit_entry = Table(
    "audit_entry",
    metadata,
    _column("seq", Integer, primary_key=True, autoincrement=False),  # from 0, without gaps
    _column("type", String(40)),
    _column("entry", LargeBinary),  # the exact RFC 8785 bytes; never re-serialised
)

log_head = Table(
    "log_head",
    metadata,
    _column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    _column("size", Integer),
    _column("last", String(64)),  # hex SHA-256 of 0x00 and the last entry; empty before genesis
)

private = Table(
    "private",
    metadata,
    _column("hmac", String(64), primary_key=True),  # what the entry carries instead of the value
    _column("seq", Integer, index=True),
    _column("salt", LargeBinary, null=True),  # null: erased
    _column("value", Text, null=True),  # null: erased
)

# -- people and machines -----------------------------------------------------------------------------------------

user = Table(
    "user_account",
    metadata,
    _column("name", String(64), primary_key=True),
    _column("password", String(255), null=True),  # argon2id; null: has not chosen one yet
    _column("roles", _json()),
    _column("created_at", Utc),
    _column("disabled_at", Utc, null=True),
)

session = Table(
    "session",
    metadata,
    _column("token", String(64), primary_key=True),  # hex SHA-256 of the cookie
    _column("user", String(64), ForeignKey("user_account.name"), index=True),
    _column("csrf", String(64)),
    _column("created_at", Utc),
    _column("used_at", Utc),
)

api_key = Table(
    "api_key",
    metadata,
    _column("id", String(36), primary_key=True),
    _column("name", String(64), index=True),  # the client; one client may have several keys while it changes them
    _column("secret", String(64), unique=True),  # hex SHA-256; the key is shown once
    _column("hint", String(16)),  # the first characters, to recognise it by
    _column("scopes", _json()),
    _column("mode", String(5)),
    _column("created_at", Utc),
    _column("used_at", Utc, null=True),
    _column("revoked_at", Utc, null=True),
)

throttle = Table(
    "throttle",
    metadata,
    _column("subject", String(120), primary_key=True),  # what is being slowed down: sign-in:<name>, sign-in:<address>
    _column("failures", Integer),
    _column("free_at", Utc),  # the next attempt is heard from here
)

# -- watchfulness ------------------------------------------------------------------------------------------------

alarm = Table(
    "alarm",
    metadata,
    _column("id", String(36), primary_key=True),
    _column("incident_id", String(36), ForeignKey("incident.id"), null=True),  # null: about the service itself
    _column("delivery_id", String(36), ForeignKey("delivery.id"), null=True),  # null: about no single channel
    _column("kind", String(32)),
    _column("text", _json()),  # {"sv", "en"}
    _column("raised_at", Utc),
    _column("next_at", Utc, null=True),  # when it is told again; null: answered, or told together with `led_by`
    _column("times", Integer, default=0),
    _column("answered_at", Utc, null=True),
    _column("answered_by", String(80), null=True),  # user:<name> at the desk, duty:<name> by link or SMS
    _column("last_error", Text, null=True),  # why it could not be told the last time; null: it could
    _column("step", Integer, default=0),  # the roster's step that was told last; 0: none
    _column("code", String(8), null=True),  # what an SMS that answers it carries; null: never told by a roster
    _column("led_by", String(36), null=True),  # the older alarm of the same incident it is told with; null: by itself
    _column("thanks_at", Utc, null=True),  # those who were woken are told who took it; null: nobody is left to tell
)

preflight = Table(
    "preflight",
    metadata,
    _column("channel", String(32), primary_key=True),
    _column("state", String(5)),  # green, amber, red
    _column("problems", _json()),  # [{"sv", "en"}]
    _column("checked_at", Utc),
)

worker = Table(
    "worker",
    metadata,
    _column("name", String(64), primary_key=True),
    _column("seen_at", Utc),  # readiness: somebody is paying what is owed
    _column("drill_url", Text, null=True),  # the drill imitations this worker started; null: none yet
)
