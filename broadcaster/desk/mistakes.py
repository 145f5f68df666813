"""The page for whoever fears to press the wrong thing: what can be undone here, and what cannot."""

from collections.abc import Iterable

from flask import Blueprint, render_template

from broadcaster import mistakes
from broadcaster.desk.parts import Desk
from broadcaster.language import say


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page."""

    @blueprint.get("/desk/mistakes")
    def what_can_be_undone() -> str:
        return render_template(
            "mistakes.html",
            before=mistakes.BEFORE,
            after=mistakes.AFTER,
            channels=_alike(mistakes.channels_here(desk.settings)),
        )


def _alike(channels: Iterable[mistakes.InChannel]) -> list[tuple[list[str], mistakes.InChannel]]:
    """Return the channels by what is true of them: the names of those that are alike, and one of them."""
    found: dict[tuple[object, ...], tuple[list[str], mistakes.InChannel]] = {}
    for one in channels:
        names, _ = found.setdefault((one.undo, one.recall, one.correct, one.stays), ([], one))
        names.append(say(one.name))
    return list(found.values())
