"""What goes wrong at the channels during a run: a new script of faults every second or so, by the run's seed."""

from random import Random
from typing import Any

from kills.stage import LATEST_S

_CONTENT = "/api/episerver/v3.0/contentmanagement/{id}"
#: The calls of each service, as a script names them.
CALLS = {
    "facebook": ("POST /{page}/feed", "POST /{post}", "GET /{post}", "GET /{page}/feed", "DELETE /{post}"),
    "cms": (f"PUT {_CONTENT}", f"GET {_CONTENT}", f"PATCH {_CONTENT}"),
    "phone": ("PUT /announcements/{id}", "GET /announcements/{id}", "DELETE /announcements/{id}"),
}
#: How a call goes wrong, each as often as it stands here. A refusal for good is a person's business and no fault.
FAULTS = (
    *("applied_then_500",) * 3,
    *("applied_then_drop",) * 3,
    *("drop_before",) * 2,
    "error_500",
    "html_502",
    "no_id",
    "slow:0.2",
    f"late:{LATEST_S:g}",
)


def weather(chance: Random) -> dict[str, Any]:
    """Return a script in which some calls of each service go wrong some times."""
    script: dict[str, Any] = {}
    for service, calls in CALLS.items():
        script[service] = [
            {"on": on, "do": chance.choice(FAULTS), "after": chance.randrange(4), "times": chance.randrange(1, 6)}
            for on in calls
            if chance.random() < 0.5
        ]
    if chance.random() < 0.2:
        script["facebook"].insert(0, {"on": "POST /{page}/feed", "do": "refuse_drafts", "times": 3})
    if chance.random() < 0.1:
        script["phone"].insert(0, {"on": "PUT /announcements/{id}", "do": "rate_limited", "times": 1})
    return script
