"""
How an instant is said: absolute, with its day, in the organisation's own time, also in the nights the clock changes.

Written  `lördag 14 mars kl. 02.10`            `Saturday 14 March at 02.10`
Spoken   `lördag den 14 mars, klockan två och tio`   `Saturday 14 March at 2:10 a.m.`

Also written in Arabic, Somali and Finnish: names of days and months as the Unicode CLDR has them.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_DAYS = {
    "sv": ["måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "ar": ["الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"],
    "so": ["Isniin", "Talaado", "Arbaco", "Khamiis", "Jimco", "Sabti", "Axad"],
    "fi": ["maanantaina", "tiistaina", "keskiviikkona", "torstaina", "perjantaina", "lauantaina", "sunnuntaina"],
}
_MONTHS = {
    language: months.split()
    for language, months in {
        "sv": "januari februari mars april maj juni juli augusti september oktober november december",
        "en": "January February March April May June July August September October November December",
        "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
        "so": "Jannaayo Febraayo Maarso Abriil May Juun Luuliyo Ogost Sebtembar Oktoobar Nofembar Desembar",
        "fi": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta "
        "lokakuuta marraskuuta joulukuuta",
    }.items()
}
#: What stands between the day and the clock where it is written.
_AT = {"sv": " kl. ", "en": " at ", "ar": "، الساعة ", "so": ", saacadda ", "fi": " klo "}
_TWICE = {
    "sv": ("normaltid", "sommartid"),
    "en": ("winter time", "summer time"),
    "ar": ("التوقيت الشتوي", "التوقيت الصيفي"),
    "so": ("waqtiga jiilaalka", "waqtiga xagaaga"),
    "fi": ("talviaikaa", "kesäaikaa"),
}
_ONES_SV = [
    "noll",
    "ett",
    "två",
    "tre",
    "fyra",
    "fem",
    "sex",
    "sju",
    "åtta",
    "nio",
    "tio",
    "elva",
    "tolv",
    "tretton",
    "fjorton",
    "femton",
    "sexton",
    "sjutton",
    "arton",
    "nitton",
]
_TENS_SV = {2: "tjugo", 3: "trettio", 4: "fyrtio", 5: "femtio"}
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_QUARTER_S = 900
#: The longest names of a day and a month, and of an hour and a minute: what a text must have room for.
LONGEST = datetime(2026, 9, 30, 23, 57, tzinfo=UTC)


def said(moment: datetime, zone: ZoneInfo, language: str, *, spoken: bool = False, year: bool = False) -> str:
    """Return the local time of `moment` in words. A naive `moment` is local already."""
    local = moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
    base = language.partition("-")[0]
    if base not in _DAYS:
        return f"{local:%Y-%m-%d %H:%M}{_which(local, 'en') if moment.tzinfo else ''}"
    day = f"{_DAYS[base][local.weekday()]} {'den ' if spoken and base == 'sv' else ''}{local.day}"
    day = f"{day}{'.' if base == 'fi' else ''} {_MONTHS[base][local.month - 1]}{f' {local.year}' if year else ''}"
    which = _which(local, base) if moment.tzinfo else ""
    return f"{day}{_clock(local, base, spoken)}{which}"


def canonical(raw: str, zone: ZoneInfo) -> str | None:
    """Return the one way we write a given local time, or None if it is no time that ever comes.

    Without an offset it is local; the offset is kept only for an hour that comes twice that night.
    """
    if not _ISO.fullmatch(raw):
        return None
    try:
        moment = datetime.fromisoformat(raw)
        local = moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
        there_and_back = local.astimezone(UTC).astimezone(zone)
    except (ValueError, OverflowError):
        return None
    if there_and_back.replace(tzinfo=None) != local.replace(tzinfo=None) or not 2000 <= local.year <= 2099:
        return None
    keep = moment.tzinfo is not None and is_twice(local)
    return (local if keep else local.replace(tzinfo=None)).isoformat(timespec="minutes")


def is_twice(local: datetime) -> bool:
    """Tell whether the clock shows this local time twice that night."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def next_quarter(moment: datetime, minutes: int) -> datetime:
    """Return `moment` plus `minutes`, rounded up to a quarter of an hour: a promise people can remember."""
    due = moment.astimezone(UTC) + timedelta(minutes=minutes)
    over = timedelta(seconds=due.timestamp() % _QUARTER_S)
    return due - over + timedelta(seconds=_QUARTER_S) if over else due


def promised(moment: datetime, minutes: int, chosen: datetime | None) -> datetime:
    """Return when words of `moment` promise the next: when somebody chose, or after so many minutes.

    What has passed by then is no promise.
    """
    return chosen if chosen is not None and chosen > moment else next_quarter(moment, minutes)


@lru_cache(maxsize=64)
def longest(language: str, *, spoken: bool = False, year: bool = False) -> str:
    """Return words as long as any time can be, for measuring."""
    base = language.partition("-")[0]
    moments = [LONGEST]
    if base not in ("sv", "en"):  # of these two we know the longest day and month
        moments = [datetime(2026, month, day, 23, 57, tzinfo=UTC) for month in range(1, 13) for day in range(22, 29)]
    words = max((said(one, ZoneInfo("UTC"), language, spoken=spoken, year=year) for one in moments), key=len)
    return f"{words} ({max(_TWICE.get(base, _TWICE['en']), key=len)})"


def _clock(local: datetime, base: str, spoken: bool) -> str:
    if not spoken or base not in ("sv", "en"):
        return f"{_AT[base]}{local:%H:%M}" if base == "ar" else f"{_AT[base]}{local:%H.%M}"
    if base == "en":
        return f" at {local.hour % 12 or 12}:{local:%M} {'a.m.' if local.hour < 12 else 'p.m.'}"
    if local.minute == 0:
        return f", klockan {_number_sv(local.hour)}" + (" noll noll" if local.hour == 0 else "")
    joint = "noll" if local.minute < 10 else "och"
    return f", klockan {_number_sv(local.hour)} {joint} {_number_sv(local.minute)}"


def _number_sv(number: int) -> str:
    if number < 20:
        return _ONES_SV[number]
    tens, ones = divmod(number, 10)
    return _TENS_SV[tens] + (_ONES_SV[ones] if ones else "")


def _which(local: datetime, base: str) -> str:
    if not is_twice(local):
        return ""
    return f" ({_TWICE[base][1 if local.dst() else 0]})"
