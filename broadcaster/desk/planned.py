"""What waits in the region's own scheduler while an incident is open: seen, paused by a person, put back afterwards."""

from typing import Any

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from broadcaster import planned
from broadcaster.auth.guard import current_client
from broadcaster.desk.parts import Desk
from broadcaster.language import t
from broadcaster.pages import local
from broadcaster.settings import Facebook


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the two ticks, and `planned_posts()` for `_planned.html`."""

    @blueprint.post("/desk/planned/<planned_id>/paused")
    def paused(planned_id: str) -> Response:
        planned.tick(desk.store, planned_id, current_client(), restored=False)
        return redirect(local(request.form.get("back"), "/desk"), 303)

    @blueprint.post("/desk/planned/<planned_id>/restored")
    def restored(planned_id: str) -> Response:
        planned.tick(desk.store, planned_id, current_client(), restored=True)
        return redirect(local(request.form.get("back"), "/desk"), 303)

    blueprint.context_processor(lambda: {"planned_posts": lambda: panel(desk)})


def panel(desk: Desk) -> dict[str, Any]:
    """Return what the panel shows: the posts, its headline, the way to each planner, and who may tick."""
    with desk.store.reading() as transaction:
        found = planned.freeze(transaction)
    pages = {key: part for key, part in desk.settings.channels.items() if isinstance(part, Facebook)}
    return {
        "to_pause": found.to_pause,
        "paused": found.paused,
        "to_restore": found.to_restore,
        "seen_at": found.seen_at,
        "headline": _headline(found),
        "planners": {key: part.planner_url for key, part in pages.items()},
        "may_tick": "send" in current_client().scopes,
    }


def _headline(found: planned.Freeze) -> str:
    if found.to_pause:
        count = len(found.to_pause)
        one = t("1 planerat inlägg går ut medan händelsen pågår", "1 planned post goes out while the incident is open")
        many = t("planerade inlägg går ut medan händelsen pågår", "planned posts go out while the incident is open")
        return one if count == 1 else f"{count} {many}"
    if found.to_restore:
        count = len(found.to_restore)
        one = t("Återställ 1 inlägg som pausades", "Put back 1 post that was paused")
        many = t("Återställ {} inlägg som pausades", "Put back {} posts that were paused")
        return one if count == 1 else many.format(count)
    return t("Inga planerade inlägg går ut medan händelsen pågår", "No planned posts go out while the incident is open")
