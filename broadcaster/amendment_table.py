"""
Changes of playbooks that were made in the desk, each a whole new version.

Beside `tables`, by the same rules. A row is written once; afterwards it can only become adopted or withdrawn.
"""

from sqlalchemy import CheckConstraint, Column, Integer, LargeBinary, String, Table, UniqueConstraint

from broadcaster.tables import Utc, metadata

amendment = Table(
    "amendment",
    metadata,
    Column("id", String(36), primary_key=True, nullable=False),
    Column("playbook", String(64), nullable=False),
    Column("version", Integer, nullable=False),  # as in the text; never given twice for a playbook
    Column("editor", String(64), nullable=False),  # who was signed in; as in the text
    Column("at", Utc, nullable=False),
    Column("text", LargeBinary, nullable=False),  # exactly the TOML, as it is exported
    Column("digest", String(71), nullable=False),  # of the snapshot it made with that day's register
    Column("based_on", String(71), nullable=False),  # the digest of the words that were changed
    Column("adopted_at", Utc, nullable=True),  # when the second person had said yes; null: a proposal
    Column("withdrawn_at", Utc, nullable=True),  # null: stands
    Column("withdrawn_by", String(64), nullable=True),
    UniqueConstraint("playbook", "version"),
    CheckConstraint("adopted_at IS NULL OR withdrawn_at IS NULL", name="adopted"),
)
