"""The page for whoever fears to press the wrong thing: what can be undone here, and what cannot."""

from flask import Blueprint, render_template

from broadcaster import mistakes
from broadcaster.desk.parts import Desk


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page."""

    @blueprint.get("/desk/mistakes")
    def what_can_be_undone() -> str:
        return render_template(
            "mistakes.html",
            before=mistakes.BEFORE,
            after=mistakes.AFTER,
            channels=mistakes.channels_here(desk.settings),
        )
