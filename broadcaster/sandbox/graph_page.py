"""The imitated Page itself: what Facebook says of it."""

from broadcaster.sandbox.exchange import JsonObject
from broadcaster.sandbox.graph_call import Call
from broadcaster.sandbox.graph_parameters import wanted
from broadcaster.sandbox.script import PAGE_ID

PAGE_NAME = "Övningssidan"
FIELDS = frozenset({
    "id", "name", "link", "username", "about", "is_published", "fan_count", "followers_count", "tasks",
    "access_token", "can_post", "has_transitioned_to_new_page_experience"})


def show(call: Call, _: str) -> JsonObject:
    """Answer `GET /{page}`."""
    fields = wanted(call.parameters, FIELDS, "Page", default=("name",))
    everything: JsonObject = {
        "id": PAGE_ID, "name": PAGE_NAME, "link": f"{call.base}/", "username": "ovningssidan",
        "about": "En imitation för övning", "is_published": True, "fan_count": 31_000,
        "followers_count": 31_000, "access_token": call.token, "can_post": True,
        "tasks": ["ANALYZE", "CREATE_CONTENT", "MANAGE", "MODERATE"],
        "has_transitioned_to_new_page_experience": True}
    return {name: everything[name] for name in (*fields, "id")}
