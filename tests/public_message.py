"""A public message as tests want it, with anything about it changed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from broadcaster.errors import Text
from broadcaster.manuscript import Cap
from broadcaster.publication import PublicMessage
from broadcaster.settings import Organisation

ORGANISATION = Organisation(name="Region Exempel", short="RE", county="17", base_url="https://kris.region.example")
AT = datetime(2026, 3, 14, 1, 40, 7, 999_999, tzinfo=UTC)
ARABIC = "لا يعمل هاتف 1177"


def message(**changes: Any) -> PublicMessage:
    """Return a first message in Swedish, with anything changed."""
    made = PublicMessage(
        id="1", ref="RE-2026-0031", mode="live", mark="RE-2026-0031/1", phase="first", language="sv",
        words="Rubrik\n\nStycke.\n\nGör så här:\n– Ring 112.", at=AT, title=Text("Händelse", "Event"),
        incident_state="open", updated_at=AT, recalled=False, playbook="prov", organisation="Region Exempel",
        cap=Cap(category=["Health"], severity="Severe", urgency="Immediate", certainty="Observed"), areas=(),
        next_due=AT + timedelta(hours=1), expires_at=AT + timedelta(hours=6), earlier=(),
    )  # fmt: skip
    return replace(made, **changes)
