"""What the public page would show of an exercise, for people who are signed in."""

from flask import Blueprint, Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from broadcaster import cap
from broadcaster.desk.parts import Desk
from broadcaster.edition import alert_of
from broadcaster.errors import NotFound
from broadcaster.public import NO_SUCH_ALERT, incident_page


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page that stands in the words of an exercise as the place to check them."""

    @blueprint.get("/desk/drills/<ref>")
    def drill(ref: str) -> str | AnyResponse:
        messages = desk.board.drill_messages(ref)
        if not messages:
            return redirect(f"/desk/incidents/{ref}", 303)
        return incident_page(ref, messages, desk.settings, drill=True)

    @blueprint.get("/desk/drills/<ref>/cap/<identifier>.xml")
    def drill_alert(ref: str, identifier: str) -> Response:
        name = cap.named(identifier)
        found = alert_of(name, desk.board.drill_messages(ref), desk.settings) if name else None
        if found is None:
            raise NotFound("no-such-alert", NO_SUCH_ALERT)
        return Response(found[0], content_type=cap.CONTENT_TYPE)
