"""The photos of the imitated Facebook Page: what was uploaded, what words it has for those who cannot see it, and
the one post it is in.

Times are unix seconds. Not locked: `Graph` holds the lock.
"""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from broadcaster.sandbox.pictures import Picture

TEMPORARY_S = 86_400.0
"""How long a temporary photo that is in no post is kept."""
_FIRST_NUMBER = 122_104_880_000_000_000


@dataclass(slots=True)
class Photo:
    """One uploaded picture. `post_id` is the post it is in; a photo is in one post at most, and only once."""

    id: str
    picture: Picture
    caption: str
    alt_text: str
    created_at: float
    order: int
    published: bool = False
    temporary: bool = False
    post_id: str | None = None


class Photos:
    """Every photo that has not been deleted."""

    def __init__(self, clock: Callable[[], float], seed: int) -> None:
        self._clock = clock
        self._random = random.Random(seed + 2)
        self._number = _FIRST_NUMBER
        self._photos: dict[str, Photo] = {}

    def add(self, picture: Picture, caption: str, alt_text: str, *, published: bool, temporary: bool) -> Photo:
        """Keep a picture and return its photo."""
        self._number += self._random.randint(1_000, 9_999_999)
        photo = Photo(str(self._number), picture, caption, alt_text, self._clock(), self._number, published, temporary)
        self._photos[photo.id] = photo
        return photo

    def get(self, photo_id: str) -> Photo | None:
        """Return the photo, or None; a temporary one that nobody used is gone after a day."""
        photo = self._photos.get(photo_id)
        if photo is not None and photo.temporary and photo.post_id is None:
            return photo if self._clock() - photo.created_at < TEMPORARY_S else None
        return photo

    def of(self, photo_ids: Iterable[str]) -> list[Photo]:
        """Return those of these photos that still exist, in this order."""
        return [photo for photo in map(self.get, photo_ids) if photo is not None]

    def published(self) -> list[Photo]:
        """Return what was published as a photo, newest first."""
        return sorted((photo for photo in self._photos.values() if photo.published),
                      key=lambda photo: (photo.created_at, photo.order), reverse=True)

    def delete(self, photo: Photo) -> None:
        """Remove the photo for good."""
        self._photos.pop(photo.id, None)

    def clear(self) -> None:
        """Forget every photo; ids already given are never given again."""
        self._photos.clear()


def address(base: str, photo_id: str) -> str:
    """Return where the bytes of a photo are."""
    return f"{base}/facebook/photos/{photo_id}"
