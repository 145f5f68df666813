"""Pictures for the signed-in: those that are kept, and those of a file that nobody has approved yet."""

from flask import Blueprint, Response

from broadcaster.desk.parts import Desk
from broadcaster.picture import hash_in
from broadcaster.picture_pages import DESK, YEAR_S, served


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the pictures that the desk's pages show."""

    @blueprint.get(f"{DESK}<name>")
    def picture(name: str) -> Response:
        sha256 = hash_in(name)
        response = served(name, desk.board.picture(sha256) if sha256 else None)
        response.headers["Cache-Control"] = f"private, max-age={YEAR_S}, immutable"
        return response
