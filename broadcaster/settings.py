"""
One frozen object, read once. Refuses to start on nonsense, and says which line of the settings to change.

The settings file is TOML, named by `BROADCASTER_CONFIG`. Secrets come only from the environment, or from the file
named by the same variable with `_FILE` behind it. A process asks for the secrets it needs (`secret`), so `web` runs
without any channel's token.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from broadcaster.address import check_port, is_https_or_loopback, is_loopback_http
from broadcaster.elks import BASE_URL as ELKS
from broadcaster.errors import Unfit
from broadcaster.glass_settings import Glass
from broadcaster.kinds import INSTALLED
from broadcaster.roster import SmsSender, Step, WeekTime
from broadcaster.score import Drill
from broadcaster.secret import FRIENDLY, IMITATION_TOKENS, SECRET_LENGTH_MIN, required_secret, secret

#: Whoever asks for settings asks for secrets and addresses too, and finds all of them here.
__all__ = [
    "FRIENDLY",
    "IMITATION_TOKENS",
    "SECRET_LENGTH_MIN",
    "Settings",
    "is_https_or_loopback",
    "is_loopback_http",
    "load",
    "required_secret",
    "secret",
]

#: How a database's address may begin. One in memory would be another database for every process.
DATABASES = ("sqlite:///", "postgresql+psycopg://")
#: A day in seconds and a year in minutes: longer is a slip of the pen, and far longer falls out of the calendar.
DAY = 86_400
YEAR = 525_600
_MAIL_ADDRESS = re.compile(r"""(?:[\w .-]+ <)?[^\s@<>()\[\]",:;\\]+@[^\s@<>()\[\]",:;\\]+>?""")
_CHANNEL_KEY = re.compile(r"(?=.*[a-z])[a-z0-9][a-z0-9_]{0,31}")

#: Which kinds each well-known channel key can have; any other key is the region's own, and free for most kinds.
KINDS: Mapping[str, frozenset[str]] = {
    "own_web": frozenset({"own_web"}),
    "facebook": frozenset({"facebook", "manual"}),
    "1177_notice": frozenset({"manual", "content_management"}),
    "1177_article": frozenset({"manual", "content_management"}),
    "1177_phone": frozenset({"manual", "phone_gateway"}),
    "1177_inbox": frozenset({"manual"}),
}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Organisation(_Part):
    """Who speaks. `short` begins every reference; `base_url` is what the public and the staff type."""

    name: str = Field(min_length=2, max_length=80)
    short: str = Field(pattern=r"^[A-ZÅÄÖ][A-ZÅÄÖ0-9]{0,7}$")
    county: str = Field(pattern=r"^[0-9]{2}$")
    base_url: str
    timezone: str = "Europe/Stockholm"
    contact_url: str = Field(default="", pattern=r"^(https://[^\s]+)?$")  # how to reach the region: /about leads there

    @field_validator("base_url")
    @classmethod
    def _https_or_loopback(cls, value: str) -> str:
        if not is_https_or_loopback(value):
            raise ValueError("must be https, or http on loopback")
        parts = urlsplit(value)
        if parts.query or parts.fragment or "@" in parts.netloc or not parts.path.strip("/") == "":
            raise ValueError("must be only https:// and a host: references and links are made by adding to it")
        check_port(value)
        return value.rstrip("/")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"unknown time zone {value!r}") from error
        return value


class Database(_Part):
    """Where everything is kept. A relative SQLite path counts from the settings file."""

    url: str = "sqlite:///broadcaster.db"

    @field_validator("url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        begins = tuple(start for start in DATABASES if value.startswith(start) and value != start)
        if not begins or (begins == ("sqlite:///",) and ("?" in value or ":memory:" in value)):
            raise ValueError("must be sqlite:///<file> or postgresql+psycopg://<user>@<host>/<name>")
        return value


class PlaybookFolder(_Part):
    folder: str = "playbooks"


class Delivery(_Part):
    """The clockwork of delivery, in seconds unless the name says otherwise."""

    lease_s: float = Field(30, gt=0, le=DAY)  #: a worker owns a delivery so long without a word; a crash costs this
    call_timeout_s: float = Field(15, gt=0, le=DAY)  #: the only total bound of a call; httpx has none of its own
    grace_s: float = Field(330, ge=0, le=DAY)  #: longer than any credible delay of a request in flight (300 s)
    allow_short_grace: bool = False  #: tests only: a short grace doubled 6 of 100 faulty schedules when measured
    decide_after_s: float = Field(900, gt=0, le=DAY)  #: when looking itself keeps failing, the playbook decides
    alarm_after_s: float = Field(60, gt=0, le=DAY)  #: without a receipt for so long, a person is told
    sweep_s: float = Field(1, gt=0, le=DAY)  #: the ring is only a hint; this finds everything
    not_after_minutes: float = Field(360, gt=0, le=YEAR)  #: a crisis text six hours late is harm too
    guard_minutes: float = Field(60, ge=0, le=YEAR)  #: the same crisis twice within this is asked about; 0 = off

    @model_validator(mode="after")
    def _relations(self) -> "Delivery":
        if self.lease_s <= self.call_timeout_s:
            raise ValueError("lease_s must be longer than call_timeout_s, or a call outlives its lease")
        if self.grace_s < 300 and not self.allow_short_grace:
            raise ValueError("grace_s below 300 lets a late answer double a message; allow_short_grace is for tests")
        return self


def _one_address(value: str) -> str:
    if not _MAIL_ADDRESS.fullmatch(value) or value.endswith(">") != ("<" in value):
        raise ValueError("must be one mail address: kib@region.example")
    return value


_Mail = Annotated[str, AfterValidator(_one_address)]


class Person(_Part):
    name: str = Field(min_length=1)
    email: _Mail | None = None
    phone: str | None = None
    user: str | None = None  #: how they sign in, "" for somebody who never does; unsaid: no yes by telephone


class Alarm(_Part):
    """Whom to tell, and how, until somebody answers on the board."""

    people: tuple[Person, ...] = ()
    smtp: str | None = None
    sender: _Mail | None = None
    webhook: str | None = None
    repeat_s: float = Field(300, gt=0, le=DAY)
    sms: SmsSender | None = None  #: who the SMS is from; a number of ours at 46elks can be answered
    sms_url: str = ELKS
    sms_report_s: float = Field(60, gt=0, le=DAY)  #: without a delivery report for so long, the next one's turn comes
    steps: tuple[Step, ...] = ()  #: without any, everybody is told at once
    rota: str | None = None  #: file of handovers, read anew for every alarm
    test_at: WeekTime = "mon 10:00"  #: the weekly test, where there are steps or SMS

    @field_validator("smtp")
    @classmethod
    def _smtp_scheme(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("must be smtp://host:587 or smtps://host:465, with user@ before the host if it needs one")
        if parts.password is not None:
            raise ValueError("the password does not belong here: set BROADCASTER_SMTP_PASSWORD, or its _FILE")
        check_port(value)
        return value

    @field_validator("webhook", "sms_url")
    @classmethod
    def _webhook_https(cls, value: str | None) -> str | None:
        if value is not None and not is_https_or_loopback(value):
            raise ValueError("must be https, or http on loopback")
        check_port(value or "")
        return value


class ChannelPart(_Part):
    """What the settings say of one channel; each kind adds its own lines."""

    kind: str


class Outside(ChannelPart):
    """A channel somewhere else. `base_url` is https, or http to an imitation on loopback, and ends without a slash."""

    base_url: str

    @field_validator("base_url")
    @classmethod
    def _https_or_loopback(cls, value: str) -> str:
        if not is_https_or_loopback(value):
            raise ValueError("must be https; plain http is for imitations on loopback only")
        check_port(value)
        return value.rstrip("/")


class OwnWeb(ChannelPart):
    kind: Literal["own_web"]


class Facebook(Outside):
    kind: Literal["facebook"]
    base_url: str = "https://graph.facebook.com"
    api_version: str = Field("v26.0", pattern=r"^v[0-9]+\.[0-9]+$")
    page_id: str = Field(pattern=r"^[0-9]+$")
    app_id: str = Field(pattern=r"^[0-9]+$")
    protocol: Literal["draft", "post"] = "draft"
    planner_url: str = Field("https://business.facebook.com/latest/planner", pattern=r"^https://[^\s]+$")
    link_preview: bool = False  #: a post without pictures shows a preview of our page, which Facebook then keeps


class ContentManagement(Outside):
    kind: Literal["content_management"]
    parent: str = Field(pattern=r"^[0-9]+$")
    content_type: tuple[str, ...] = ("Page", "RegionalNoticePage")
    properties: Mapping[str, str | bool] = {}  #: what the page type wants beside heading and mainBody, sent as it is


class PhoneGateway(Outside):
    kind: Literal["phone_gateway"]
    max_seconds: int = Field(30, gt=0)


class Manual(ChannelPart):
    kind: Literal["manual"]
    assignee: str = Field(min_length=1, max_length=120)
    deadline_minutes: float = Field(30, gt=0, le=YEAR)
    place: str | None = None  #: address of the editor's page, linked from the task


def _as_its_kind_says(given: Any) -> Any:
    """Return the lines of one channel read by the model of its kind, which another package may have brought."""
    if not isinstance(given, Mapping):
        return given
    name = given.get("kind")
    if not isinstance(name, str):
        raise ValueError('say what kind of channel this is, such as kind = "manual"')
    try:
        return INSTALLED.named(name).settings.model_validate(given)
    except Unfit as error:
        raise ValueError(str(error)) from error


ChannelSettings = Annotated[ChannelPart, BeforeValidator(_as_its_kind_says)]


class Rehearsal(_Part):
    """Where `broadcaster rehearse` tries things out. `test_places` vouches that those that are also live are tests."""

    test_places: bool = False
    channels: Mapping[str, ChannelSettings] = {}


class Settings(_Part):
    """Everything the service can be told. `folder` is where relative paths count from."""

    folder: Path
    organisation: Organisation
    database: Database = Database()
    playbooks: PlaybookFolder = PlaybookFolder()
    delivery: Delivery = Delivery()
    alarm: Alarm = Alarm()
    drill: Drill = Drill()
    channels: Mapping[str, ChannelSettings]
    rehearsal: Rehearsal = Rehearsal()
    glass: Glass = Glass()

    @field_validator("channels")
    @classmethod
    def _keys_fit_kinds(cls, value: Mapping[str, ChannelSettings]) -> Mapping[str, ChannelSettings]:
        for key, channel in value.items():
            if not _CHANNEL_KEY.fullmatch(key):
                raise ValueError(f"channel key {key!r}: use at most 32 of a-z, 0-9 and _, one a letter")
            kind, allowed = INSTALLED.named(channel.kind), KINDS.get(key)
            if allowed is not None and channel.kind not in allowed:
                raise ValueError(f"channel {key}: kind {channel.kind!r} is not one of {sorted(allowed)}")
            if allowed is None and not kind.anywhere:
                fit = sorted(name for name, kinds in KINDS.items() if channel.kind in kinds)
                raise ValueError(f"channel {key}: kind {channel.kind!r} is only for {', '.join(fit)}")
            if kind.limit is not None and key not in kind.names:
                raise ValueError(f"channel {key}: kind {channel.kind!r} is only for {', '.join(sorted(kind.names))}")
        return value

    @property
    def database_url(self) -> str:
        """The database's address with a relative SQLite path made absolute."""
        prefix = "sqlite:///"
        if self.database.url.startswith(prefix):
            path = Path(self.database.url.removeprefix(prefix))
            return prefix + str(path if path.is_absolute() else self.folder / path)
        return self.database.url

    @property
    def playbook_folder(self) -> Path:
        """Where the playbooks are, made absolute."""
        return (self.folder / self.playbooks.folder).resolve()

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's time zone."""
        return ZoneInfo(self.organisation.timezone)


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings `BROADCASTER_CONFIG` names. Raises `Unfit` with the file, the place and the reason."""
    name = environ.get("BROADCASTER_CONFIG")
    if not name:
        raise Unfit("BROADCASTER_CONFIG is not set: name the settings file (make one with: broadcaster init)")
    path = Path(name).resolve()
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise Unfit(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Unfit(f"{path}: not TOML: {error}") from error
    url = secret("BROADCASTER_DATABASE_URL", environ)
    if url:
        data["database"] = {"url": url}
    try:
        return Settings(folder=path.parent, **data)
    except (ValidationError, TypeError) as error:
        raise Unfit(f"{path}: {_first_faults(error)}") from error


def _first_faults(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    faults = error.errors(include_url=False, include_input=False)
    return "; ".join(f"[{'.'.join(str(p) for p in f['loc']) or 'file'}] {f['msg']}" for f in faults[:5])
