"""What the public page would show of an exercise, for people who are signed in."""

from flask import Blueprint, redirect
from werkzeug.wrappers import Response

from broadcaster.desk.parts import Desk
from broadcaster.public import incident_page


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page that stands in the words of an exercise as the place to check them."""

    @blueprint.get("/desk/drills/<ref>")
    def drill(ref: str) -> str | Response:
        messages = desk.board.drill_messages(ref)
        if not messages:
            return redirect(f"/desk/incidents/{ref}", 303)
        return incident_page(ref, messages, desk.settings, drill=True)
