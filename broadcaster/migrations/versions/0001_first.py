"""The first tables, and a log that can only grow."""

import sqlalchemy as sa
from alembic import op

from broadcaster.tables import Utc

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table of the first release."""
    _keys_and_log()
    _words_and_private_values()
    _people_and_workers()
    _what_words_are_used_for()
    _messages()
    _deliveries()
    _alarms_and_attempts()
    for statement in _append_only(op.get_bind().dialect.name):
        op.execute(statement)


def _keys_and_log() -> None:
    """Make the keys of machines, the log with its head, and the answers that are given again."""
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=16), nullable=False),
        sa.Column("scopes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("mode", sa.String(length=5), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("used_at", Utc(), nullable=True),
        sa.Column("revoked_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("secret", name=op.f("uq_api_key_secret")),
    )
    op.create_index(op.f("ix_api_key_name"), "api_key", ["name"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_type"), "audit_entry", ["type"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("client", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("client", "key", name=op.f("pk_idempotency")),
    )
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("last", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")),
    )


def _words_and_private_values() -> None:
    """Make the words, the series of references, private values, and how channels were last found."""
    op.create_table(
        "preflight",
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=5), nullable=False),
        sa.Column("problems", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("checked_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_preflight")),
    )
    op.create_table(
        "private",
        sa.Column("hmac", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("hmac", name=op.f("pk_private")),
    )
    op.create_index(op.f("ix_private_seq"), "private", ["seq"], unique=False)
    op.create_table(
        "series",
        sa.Column("mode", sa.String(length=5), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("mode", "year", name=op.f("pk_series")),
    )
    op.create_table(
        "snapshot",
        sa.Column("digest", sa.String(length=71), nullable=False),
        sa.Column("playbook", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", Utc(), nullable=False),
        sa.Column("revoked_at", Utc(), nullable=True),
        sa.Column("revoked_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_snapshot")),
    )


def _people_and_workers() -> None:
    """Make people, what slows guessing down, and the signs of life of workers."""
    op.create_table(
        "throttle",
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("free_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_throttle")),
    )
    op.create_table(
        "user_account",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("roles", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("disabled_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_user_account")),
    )
    op.create_table(
        "worker",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.Column("drill_url", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker")),
    )


def _what_words_are_used_for() -> None:
    """Make approvals, incidents and sessions, which name words and people."""
    op.create_table(
        "approval",
        sa.Column("digest", sa.String(length=71), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["snapshot.digest"], name=op.f("fk_approval_digest")),
        sa.PrimaryKeyConstraint("digest", "by", name=op.f("pk_approval")),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("mode", sa.String(length=5), nullable=False),
        sa.Column("playbook", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=71), nullable=False),
        sa.Column("places", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("affected", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("marks", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("opened_at", Utc(), nullable=False),
        sa.Column("closed_at", Utc(), nullable=True),
        sa.CheckConstraint("mode IN ('live', 'drill')", name=op.f("ck_incident_mode")),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_incident_state")),
        sa.ForeignKeyConstraint(["digest"], ["snapshot.digest"], name=op.f("fk_incident_digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("ref", name=op.f("uq_incident_ref")),
    )
    op.create_table(
        "session",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("used_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["user_account.name"], name=op.f("fk_session_user")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_user"), "session", ["user"], unique=False)


def _messages() -> None:
    """Make the messages of incidents."""
    op.create_table(
        "message",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("incident_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=12), nullable=False),
        sa.Column("digest", sa.String(length=71), nullable=False),
        sa.Column("playbook_digest", sa.String(length=71), nullable=False),
        sa.Column("blanks", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("channels", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("affected", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("accepted_at", Utc(), nullable=True),
        sa.Column("not_after", Utc(), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=True),
        sa.Column("rejected_at", Utc(), nullable=True),
        sa.Column("rejected_by", sa.String(length=80), nullable=True),
        sa.Column("recalled_at", Utc(), nullable=True),
        sa.Column("recalled_by", sa.String(length=80), nullable=True),
        sa.Column("superseded_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_message_incident_id")),
        sa.ForeignKeyConstraint(["playbook_digest"], ["snapshot.digest"], name=op.f("fk_message_playbook_digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("incident_id", "number", name=op.f("uq_message_incident_id_number")),
    )
    op.create_index(op.f("ix_message_incident_id"), "message", ["incident_id"], unique=False)


def _deliveries() -> None:
    """Make what is owed to each channel."""
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("incident_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=12), nullable=False),
        sa.Column("mode", sa.String(length=5), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("intent", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("step", sa.String(length=8), nullable=True),
        sa.Column("object_id", sa.String(length=36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("top_from", sa.String(length=36), nullable=True),
        sa.Column("remote_id", sa.String(length=255), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("receipt", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("seen_at", Utc(), nullable=True),
        sa.Column("error", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("person", sa.String(length=120), nullable=True),
        sa.Column("deadline_at", Utc(), nullable=True),
        sa.Column("was_task", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.Column("unsure_since", Utc(), nullable=True),
        sa.Column("unsure_last", Utc(), nullable=True),
        sa.Column("ever_unsure", sa.Boolean(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", Utc(), nullable=True),
        sa.Column("lease_by", sa.String(length=64), nullable=True),
        sa.Column("next_attempt_at", Utc(), nullable=True),
        sa.Column("not_after", Utc(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("alarmed_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_delivery_incident_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_delivery_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("message_id", "channel", "language", name=op.f("uq_delivery_message_id_channel_language")),
    )
    op.create_index("ix_delivery_due", "delivery", ["next_attempt_at"], unique=False)
    op.create_index(op.f("ix_delivery_incident_id"), "delivery", ["incident_id"], unique=False)
    op.create_index(op.f("ix_delivery_message_id"), "delivery", ["message_id"], unique=False)


def _alarms_and_attempts() -> None:
    """Make what is told to people, and every call."""
    op.create_table(
        "alarm",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("incident_id", sa.String(length=36), nullable=True),
        sa.Column("delivery_id", sa.String(length=36), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("text", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("raised_at", Utc(), nullable=False),
        sa.Column("next_at", Utc(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("answered_at", Utc(), nullable=True),
        sa.Column("answered_by", sa.String(length=80), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_alarm_delivery_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_alarm_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("delivery_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=8), nullable=False),
        sa.Column("intent", sa.String(length=8), nullable=False),
        sa.Column("can_publish", sa.Boolean(), nullable=False),
        sa.Column("worker", sa.String(length=64), nullable=False),
        sa.Column("opened_at", Utc(), nullable=False),
        sa.Column("closed_at", Utc(), nullable=True),
        sa.Column("fact", sa.String(length=12), nullable=True),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("remote_id", sa.String(length=255), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_attempt_delivery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_delivery_id"), "attempt", ["delivery_id"], unique=False)


def _append_only(dialect: str) -> list[str]:
    """Refuse changes of the log in the database itself: a defence against mistakes, not against its owner."""
    if dialect == "postgresql":
        refuse = "$$ BEGIN RAISE EXCEPTION 'the log is append-only'; END $$"
        when = "BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry FOR EACH STATEMENT"
        return [
            f"CREATE FUNCTION log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS {refuse}",
            f"CREATE TRIGGER log_is_append_only {when} EXECUTE FUNCTION log_is_append_only()",
        ]
    refuse = "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
    # INSERT OR REPLACE deletes without asking a trigger on DELETE.
    twice = "WHEN EXISTS (SELECT 1 FROM audit_entry WHERE seq = NEW.seq)"
    return [
        f"CREATE TRIGGER log_no_update BEFORE UPDATE ON audit_entry {refuse}",
        f"CREATE TRIGGER log_no_delete BEFORE DELETE ON audit_entry {refuse}",
        f"CREATE TRIGGER log_no_replace BEFORE INSERT ON audit_entry {twice} {refuse}",
    ]
