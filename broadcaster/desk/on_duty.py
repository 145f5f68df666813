"""Who is on duty, for the pages where somebody starts or watches an incident: before an alarm, not only in it."""

from flask import Blueprint

from broadcaster.desk.parts import Desk
from broadcaster.duty import sentences
from broadcaster.language import say


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add `on_duty()`, what is said of it, to every template of the desk."""
    blueprint.context_processor(lambda: {"on_duty": lambda: [say(one) for one in sentences(desk.board.duty())]})
