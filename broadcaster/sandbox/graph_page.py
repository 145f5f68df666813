"""The imitated Page itself, and the people behind tokens: what Facebook says of them, and which Pages they have."""

from broadcaster.sandbox.exchange import JsonObject
from broadcaster.sandbox.graph_call import Call
from broadcaster.sandbox.graph_parameters import wanted
from broadcaster.sandbox.graph_tokens import PAGE_TOKEN, SYSTEM_USER_ID
from broadcaster.sandbox.insights import answer
from broadcaster.sandbox.script import PAGE_ID

PAGE_NAME = "Övningssidan"
FANS = 31_000
FIELDS = frozenset({
    "id", "name", "link", "username", "about", "is_published", "fan_count", "followers_count", "tasks",
    "access_token", "can_post", "has_transitioned_to_new_page_experience", "category", "category_list", "cover",
    "description", "description_html", "display_subtext", "emails", "engagement", "global_brand_page_name",
    "global_brand_root_id", "phone", "picture", "verification_status", "website"})
_PERSON_FIELDS = frozenset({"id", "name", "email", "first_name", "last_name", "picture"})
_TASKS = ("ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MANAGE", "MODERATE")


def show(call: Call, _: str) -> JsonObject:
    """Answer `GET /{page}`."""
    return _page(call, wanted(call.parameters, FIELDS, "Page", default=("name",)))


def person(call: Call, person_id: str) -> JsonObject:
    """Answer `GET /{person}`."""
    fields = wanted(call.parameters, _PERSON_FIELDS, "User", default=("name",))
    name = "Krisutskick (systemanvändare)" if person_id == SYSTEM_USER_ID else "Kim Övning"
    everything = {"id": person_id, "name": name}
    return {field: everything[field] for field in (*fields, "id") if field in everything}


def accounts(call: Call, _: str) -> JsonObject:
    """Answer `GET /{person}/accounts`: the Pages a person has, with their tokens; none without permission."""
    fields = wanted(call.parameters, FIELDS, "Page", default=("access_token", "category", "category_list", "name",
                                                              "tasks"))
    if call.conditions.lacking(("pages_show_list",), PAGE_ID):
        return {"data": []}
    return {"data": [_page(call, fields)], "paging": {"cursors": {"before": "MQ", "after": "MQ"}}}


def _page(call: Call, fields: tuple[str, ...]) -> JsonObject:
    may_have_token = call.holder.kind == "page" or not call.conditions.lacking(("pages_show_list",), PAGE_ID)
    everything: JsonObject = {
        "id": PAGE_ID, "name": PAGE_NAME, "link": f"{call.base}/", "username": "ovningssidan",
        "about": "En imitation för övning", "is_published": call.conditions.page_published, "fan_count": FANS,
        "followers_count": FANS, "access_token": PAGE_TOKEN if may_have_token else None, "can_post": True,
        "tasks": list(_TASKS), "has_transitioned_to_new_page_experience": True, "category": "Offentlig tjänst",
        "category_list": [{"id": "147714868971098", "name": "Offentlig tjänst"}],
        "verification_status": "not_verified"}
    return {name: everything[name] for name in (*fields, "id") if everything.get(name) is not None}


def insights(call: Call, _: str) -> JsonObject:
    """Answer `GET /{page}/insights`."""
    return answer(PAGE_ID, call.parameters, now=call.now(), begun_at=0.0, seed=call.facebook.seed, fans=FANS)


def subscribed_apps(call: Call, _: str) -> JsonObject:
    """Answer `/{page}/subscribed_apps`: which changes of the Page the app is told of."""
    return call.facebook.webhooks.page(call.request.method, call.parameters)
