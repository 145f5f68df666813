"""What waits in Meta's own scheduler: kept for the desk, and told in a sentence of the preflight."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from broadcaster.channels import Planned, Plans
from broadcaster.channels._problems import Problem, amber

PLANNED_KEPT = 200  #: characters of a planned post's words
#: What Meta calls a post; what is called otherwise is none that anybody could find.
_ID = re.compile(r"[0-9A-Za-z_-]{1,100}")
PLANNED_SHOWN = 60  #: characters of the next planned post


class _Planned(BaseModel):
    id: str = Field("", max_length=100)
    message: str | None = None
    scheduled_publish_time: Annotated[float, Field(ge=0, le=32_503_680_000)] | None = None


class _Next(BaseModel):
    next: str | None = None


class Planning(BaseModel):
    """An answer of `GET /{page}/scheduled_posts`."""

    data: list[_Planned]
    paging: _Next | None = None

    @property
    def _goes_on(self) -> bool:
        return self.paging is not None and self.paging.next is not None

    def kept(self, read_at: datetime) -> Plans:
        """Return every post that has a name and a time, as it was at `read_at`."""
        posts = tuple(
            Planned(one.id, _line(one.message or "", PLANNED_KEPT), datetime.fromtimestamp(at, UTC))
            for one in self.data
            if (at := one.scheduled_publish_time) and _ID.fullmatch(one.id)
        )
        return Plans(posts, read_at, is_whole=not self._goes_on)

    def told(self, now: datetime, zone: ZoneInfo) -> Iterator[Problem]:
        """Yield how many there are and the next one, if any has not gone out by `now`."""
        due = sorted((one.scheduled_publish_time or 0, one.message or "") for one in self.data)
        due = [one for one in due if not one[0] or one[0] > now.timestamp()]
        if not due:
            return
        more_sv, more_en = ("Minst ", "At least ") if self._goes_on else ("", "")
        at, message = next((one for one in due if one[0]), due[0])
        line = _line(message, PLANNED_SHOWN)
        when_sv, when_en = _when(at, now, zone)
        one, many = (f"{len(due)} planerat inlägg", f"{len(due)} planerade inlägg")
        yield amber(
            f"{more_sv}{one if len(due) == 1 else many} i Metas planerare, nästa {when_sv}: ”{line}”. "
            "Passar det inte nu: pausa i Meta Business Suite.",
            f"{more_en}{len(due)} planned post{'' if len(due) == 1 else 's'} in Meta's scheduler, next {when_en}: "
            f"“{line}”. If that does not fit now: pause in Meta Business Suite.",
        )


def _line(words: str, longest: int) -> str:
    line = " ".join("".join(char if char.isprintable() else " " for char in words).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _when(at: float, now: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """Return a moment as people say it: the time, and the date where it is not today."""
    if not at:
        return "vid okänd tid", "at an unknown time"
    moment, today = datetime.fromtimestamp(at, zone), now.astimezone(zone).date()
    day = "" if moment.date() == today else f"{moment.date()} "
    return f"{day}kl. {moment:%H.%M}", f"{day}at {moment:%H:%M}"
