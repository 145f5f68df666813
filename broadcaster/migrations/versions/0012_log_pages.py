"""What finds an entry of the log again: by what it is about, by type, and by who did it."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

#: Entries read at a time.
PAGE = 1000
_ABOUT = ("delivery", "message", "incident", "alarm", "asking")
_SHORT = "length(value) <= 100"


def upgrade() -> None:
    """Make the indices, and fill what is made from the entries that stand there already."""
    about = op.create_table(
        "audit_about",
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("subject", "seq", name=op.f("pk_audit_about")),
    )
    op.drop_index("ix_audit_entry_type", "audit_entry")
    op.create_index("ix_audit_entry_type", "audit_entry", ["type", "seq"], unique=False)
    op.create_index(
        "ix_private_value", "private", ["value", "seq"], unique=False,
        sqlite_where=sa.text(_SHORT), postgresql_where=sa.text(_SHORT),
    )  # fmt: skip
    _fill(about)


def _fill(about: sa.Table) -> None:
    page = sa.text("SELECT seq, entry FROM audit_entry WHERE seq > :after ORDER BY seq LIMIT :page")
    after = -1
    while rows := op.get_bind().execute(page, {"after": after, "page": PAGE}).all():
        found = [{"subject": subject, "seq": row.seq} for row in rows for subject in _subjects(bytes(row.entry))]
        if found:
            op.bulk_insert(about, found)
        after = rows[-1].seq


def _subjects(data: bytes) -> list[str]:
    try:
        entry = json.loads(data)
    except ValueError:  # a broken entry is for `audit verify` to find, and must not keep the service from starting
        return []
    if not isinstance(entry, dict):
        return []
    subject = next((entry[key] for key in _ABOUT if key in entry), None)
    return [str(one)[:80] for one in (subject, entry.get("by")) if one is not None]
