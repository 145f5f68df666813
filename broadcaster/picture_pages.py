"""
Pictures as they are served: by their hash, so a copy anywhere never shows anything else.

To the public only what stands beside words on our page that were said and not recalled; to the signed-in also what is
approved, or waits for it.
"""

from collections.abc import Callable
from threading import Lock

from flask import Blueprint, Response, request

from broadcaster.clocks import boot_clock
from broadcaster.errors import NotFound, Text
from broadcaster.picture import Picture, hash_in

#: Where the public finds them.
PUBLIC = "/pictures/"
#: Where the signed-in find them.
DESK = "/desk/pictures/"
YEAR_S = 365 * 24 * 3600
#: A copy anywhere is asked for again so soon, for nothing but a "still so": what was recalled must not go on being
#: shown for a year by whatever stands between us and the readers.
PUBLIC_S = 300
#: As long as a page may be kept: a picture that was recalled is gone from here no later than its words.
LATELY_S = 15.0
KEPT_MAX = 16


class Lately:
    """Pictures that were found lately, so that a surge of readers asks the database once in a while and not each."""

    def __init__(self, find: Callable[[str], Picture | None], seconds: Callable[[], float] = boot_clock) -> None:
        self._find, self._seconds = find, seconds
        self._turn = Lock()
        self._kept: dict[str, tuple[float, Picture]] = {}

    def get(self, sha256: str) -> Picture | None:
        """Return the picture that `find` returned no longer ago than `LATELY_S`, or returns now."""
        with self._turn:
            at, kept = self._kept.get(sha256, (-LATELY_S, None))
            if kept is not None and self._seconds() < at + LATELY_S:
                return kept
            self._kept.pop(sha256, None)
            found = self._find(sha256)
            if found is not None:
                self._kept[sha256] = self._seconds(), found
                if len(self._kept) > KEPT_MAX:
                    self._kept.pop(next(iter(self._kept)))
            return found


def add_public(pages: Blueprint, find: Callable[[str], Picture | None]) -> None:
    """Add the pictures of what is public; `find` returns one by its hash, with its bytes."""
    lately = Lately(find)

    @pages.get(f"{PUBLIC}<name>")
    def picture(name: str) -> Response:
        sha256 = hash_in(name)
        response = served(name, lately.get(sha256) if sha256 else None)
        response.headers["Cache-Control"] = f"public, max-age={PUBLIC_S}"
        # Feeds are read on other sites, which may show the picture; there is no secret in it.
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response


def served(name: str, found: Picture | None) -> Response:
    """Return the picture called `name`. Raises `NotFound` where there is none, or none of that kind."""
    if found is None or found.name != name:
        raise NotFound("no-such-picture", _NO_SUCH_PICTURE)
    response = Response(found.data, content_type=found.type)
    response.set_etag(found.sha256)
    response.make_conditional(request)
    return response


_NO_SUCH_PICTURE = Text(
    "Bilden finns inte här, eller så är beskedet den hörde till tillbakadraget. Läs det som gäller på startsidan.",
    "The picture is not here, or its message was recalled. Read the current messages on the start page.",
)
