"""
Pictures of a post: uploaded unpublished, then named in the post that shows them.

An unpublished photo is seen by nobody, so uploading it twice is harmless, and nothing of an upload can make a post
uncertain. The words never wait: all uploads together have a third of the call's time, and whatever did not come back
by then, or was refused, is left out.
Sources: Meta's reference of the Photo node and the Page's photos and feed edges. That a post names its photos as a JSON
list in `attached_media` is what three independent clients do.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from broadcaster.channels import Outcome
from broadcaster.channels._graph_errors import GraphAnswer
from broadcaster.channels._http import Answer, Until, deadline
from broadcaster.picture import Picture

#: The part of a call's time that its pictures may take. What is left is longer than any answer of the field took.
SHARE = 1 / 3

Files: TypeAlias = Mapping[str, tuple[str, bytes, str]]
#: Makes one upload: its form, its file, and when its time is over.
Upload = Callable[[Mapping[str, str], Files, Until], Awaitable[Answer | Outcome]]


@dataclass(frozen=True)
class Album:
    """What was uploaded, in the order to show it, and why the rest was not."""

    ids: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def form(self) -> dict[str, str]:
        """Return what a post says to show them; nothing if there are none."""
        return {"attached_media": json.dumps([{"media_fbid": one} for one in self.ids])} if self.ids else {}


class _Photo(GraphAnswer):
    id: str | None = None


async def upload(pictures: Sequence[Picture], ask: Upload, until: Until) -> Album:
    """Upload all at once; return those that have an id in time. Raises nothing but cancellation."""
    if not pictures:
        return Album()
    before = deadline(max(until.left_s, 0.0) * SHARE, awake=until.awake)
    found = await asyncio.gather(*(_uploaded(one, ask, before) for one in pictures))
    return Album(tuple(one for one, why in found if one), tuple(why for one, why in found if not one))


async def _uploaded(picture: Picture, ask: Upload, until: Until) -> tuple[str, str]:
    """Return the photo's id, or why there is none."""
    form = {"published": "false", "alt_text_custom": picture.alt}
    answer = await ask(form, {"source": (picture.name, picture.data, picture.type)}, until)
    if isinstance(answer, Outcome):
        return "", answer.detail
    photo = answer.read(_Photo)
    return (photo.id, "") if photo and photo.id else ("", f"{answer.where}: HTTP {answer.status} without an id")
