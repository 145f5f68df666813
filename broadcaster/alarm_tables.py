"""
Who was told of an alarm, in which way, and what became of it: one row for each person and way of each telling.

Beside `tables`, by the same rules. Tokens stand here only as hex SHA-256; whoever reads the table can answer nothing.
"""

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text

from broadcaster.tables import Utc, metadata

alarm_told = Table(
    "alarm_told",
    metadata,
    Column("id", String(36), primary_key=True, nullable=False),
    Column("alarm_id", String(36), ForeignKey("alarm.id"), nullable=False, index=True),
    Column("times", Integer, nullable=False),  # the alarm's telling this was part of
    Column("step", Integer, nullable=False),  # of the roster; 0: everybody, for want of a step
    Column("person", String(120)),  # null: the webhook, which reaches no one person
    Column("way", String(8), nullable=False),  # sms, email, webhook
    Column("state", String(10), nullable=False),  # `callout` lists them
    Column("told_at", Utc, nullable=False),  # right before it left
    Column("changed_at", Utc, nullable=False),
    Column("report_by", Utc),  # without a word by then it is missing; null: no word is waited for
    Column("link", String(64), index=True),  # of the answer link's token; null: it has no link
    Column("report", String(64), index=True),  # of the delivery report's token; null: it has no report
    Column("remote_id", String(64)),  # 46elks' id; null: none was given
    Column("error", Text),  # why it failed or is unsure, in English and without a number; null: nothing is wrong
)
