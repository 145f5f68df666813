"""One request, its answer, and what the server asks of each imitated service.

Everything here is plain data: no socket, no clock, no state.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_string
from typing import Any, Protocol
from urllib.parse import parse_qsl

JsonObject = dict[str, Any]

_END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a multipart body, untouched. `media_type` is what the sender called it; many say nothing."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """One request as a service sees it: path segments are decoded and come without the service's prefix."""

    method: str
    segments: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    base: str
    """``http://host:port`` as the caller reached us, so that addresses we hand out work for the caller."""
    files: Mapping[str, Upload] = field(default_factory=dict)
    """Files that came with another request, of which this is a part."""
    list_lag_s: float = 0.0
    """Scripted: how long Facebook's lists keep quiet about a post."""
    drafts_refused: bool = False
    """Scripted: this call may not make an unpublished post."""
    refusal: str = ""
    """Scripted: the numbers of the error this call meets instead of being carried out."""
    fate: str = ""
    """Scripted: what becomes of it: lost, undelivered, refused, or nothing out of the ordinary."""

    def media_type(self) -> str:
        """Return the content type in lower case, without parameters."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    def bearer(self) -> str | None:
        """Return the token of an ``Authorization: Bearer`` or ``OAuth`` header, or None."""
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if kind.lower() in ("bearer", "oauth") and token.strip() else None

    def parameters(self) -> JsonObject:
        """Return query and body parameters together, whatever form the body has; raise ValueError if unreadable."""
        return {**self.query, **self._body_parameters(), **self.files}

    def json(self) -> JsonObject:
        """Return the JSON object in the body; raise ValueError when it is anything else."""
        value = json.loads(self.body.decode("utf-8"))
        if b"\\u" in self.body:  # half a surrogate pair could be stored, but never be sent back
            json.dumps(value, ensure_ascii=False).encode()
        if isinstance(value, dict):
            return value
        raise ValueError("the body is not a JSON object")

    def readable(self) -> bytes:
        """Return the body for people: in place of each uploaded file, how large it is."""
        if self.media_type() != "multipart/form-data":
            return self.body
        try:
            return _without_files(self.headers["content-type"], self.body)
        except ValueError:
            return f"({len(self.body)} bytes that cannot be read)".encode()

    def _body_parameters(self) -> JsonObject:
        if not self.body:
            return {}
        kind = self.media_type()
        if kind == "application/json":
            return self.json()
        if kind == "multipart/form-data":
            return _multipart(self.headers["content-type"], self.body)
        return dict(parse_qsl(self.body.decode("utf-8"), keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, complete before its first byte is sent."""

    status: int
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, status: int, value: object, content_type: str = "application/json; charset=utf-8",
           **headers: str) -> "Answer":
        """Return the JSON answer; an underscore in a header's name stands for a hyphen."""
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(status, body, content_type, {k.replace("_", "-"): v for k, v in headers.items()})


class Service(Protocol):
    """What every imitated service can do: answer truly, and fail in its own dialect."""

    def handle(self, request: Request) -> Answer:
        """Carry the request out and return the true answer."""

    def broken(self) -> Answer:
        """Return the service's own 500."""

    def limited(self, request: Request) -> Answer:
        """Return the service's own "too many calls"."""

    def locked_out(self, request: Request) -> Answer:
        """Return the service's own "this token is dead"."""


def moment(value: object) -> float | None:
    """Return unix seconds for an ISO 8601 text (UTC where no zone is given), None for None.

    Raises ValueError for anything else.
    """
    if value is None:
        return None
    if isinstance(value, str):
        parsed = datetime.fromisoformat(value)
        at = (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
        if 0 <= at < _END_OF_TIME:
            return at
    raise ValueError(f"not a time: {value!r}")


def iso(at: float) -> str:
    """Return unix seconds as ISO 8601 in UTC with milliseconds."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _multipart(content_type: str, body: bytes) -> JsonObject:
    """Return the named parts (RFC 7578): fields as text, files as `Upload`, bytes for bytes."""
    found: JsonObject = {}
    for section in _sections(content_type, body)[1][1:-1]:
        name, file, content = _part(section)
        if name is not None:
            found[name] = content.decode("utf-8", "replace") if file is None else replace(file, content=content)
    return found


def _sections(content_type: str, body: bytes) -> tuple[bytes, list[bytes]]:
    """Return the delimiter and what stands between: preamble, parts, end. Raises ValueError for a broken body."""
    boundary = message_from_string(f"Content-Type: {content_type}\n\n").get_boundary()
    delimiter = b"\r\n--" + (boundary or "").encode("latin-1", "replace")
    sections = (b"\r\n" + body).split(delimiter) if boundary else []
    if len(sections) < 3 or not sections[-1].startswith(b"--"):
        raise ValueError("the multipart body cannot be read")
    return delimiter, sections


def _part(section: bytes) -> tuple[str | None, Upload | None, bytes]:
    """Return a part's name, its file without the content where it is one, and the content."""
    head, _, content = section.lstrip(b" \t").removeprefix(b"\r\n").partition(b"\r\n\r\n")
    part = message_from_string(head.decode("utf-8", "replace") + "\n\n")
    name, file = part.get_param("name", header="content-disposition"), part.get_filename()
    kind = part.get("content-type", "").split(";")[0].strip().lower()
    return name if isinstance(name, str) else None, None if file is None else Upload(file, kind, b""), content


def _without_files(content_type: str, body: bytes) -> bytes:
    delimiter, (head, *parts, end) = _sections(content_type, body)
    shown = [head]
    for section in parts:
        _, file, content = _part(section)
        shown.append(section if file is None else section[:len(section) - len(content)]
                     + f"({len(content)} bytes)".encode())
    return delimiter.join([*shown, end]).removeprefix(b"\r\n")
