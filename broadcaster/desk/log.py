"""The log for people: what was done, by whom and when; found again, read line by line, opened to its exact bytes."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from broadcaster import audit, logbook
from broadcaster.audit import Event, Fault
from broadcaster.auth.client import Client, require
from broadcaster.auth.guard import current_client, is_same_site
from broadcaster.desk.form import FieldErrors
from broadcaster.desk.log_words import HIDDEN, KINDS, TROUBLE, line, types_of, visible, who
from broadcaster.desk.parts import Desk
from broadcaster.errors import NotFound, Text
from broadcaster.language import clock, say, t, when
from broadcaster.logbook import Entry, Query

#: A download holds the newest so many; all there are is for `broadcaster audit export`.
DOWNLOAD_MAX = 20_000
#: Kept outside the entries, and for those who may read all of the log only: where somebody sat, who got a letter.
_CLOSE = frozenset({"address", "recipient"})
_COLUMNS = ("seq", "tid", "vem", "vad", "händelse", "typ", "hash")
_NO_FILE = Text("Välj CSV eller JSON.", "Choose CSV or JSON.")


@dataclass(frozen=True)
class Asked:
    """The filter as it stands in the address. `start` and `end` are local times, as a browser's field writes them."""

    incident: str = ""
    person: str = ""
    kind: str = ""
    start: str = ""
    end: str = ""

    def pairs(self) -> list[tuple[str, str]]:
        """Return it as it goes into an address; what is empty is left out."""
        return [(name, value) for name, value in vars(self).items() if value]


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the log, one entry of it, what can be taken home, and the check of the whole."""

    @blueprint.get("/desk/log")
    def log() -> str | tuple[str, int]:
        return _log(desk)

    @blueprint.get("/desk/log/<int:seq>")
    def log_entry(seq: int) -> str:
        client = current_client()
        with desk.store.reading() as transaction:
            opened = logbook.open_entry(transaction, seq, _readable(client))
        raw = opened.entry.data.decode("utf-8", "backslashreplace")
        return render_template(
            "log_entry.html", opened=opened, row=_row(desk, opened.entry), raw=visible(raw),
            is_plain=raw == visible(raw), hidden=_hidden(opened.entry, client), whole=_whole(client),
        )  # fmt: skip

    @blueprint.get("/desk/log/<int:seq>/exact")
    def log_bytes(seq: int) -> Response:
        with desk.store.reading() as transaction:
            opened = logbook.open_entry(transaction, seq, _readable(current_client()))
        return _file(iter([opened.entry.data]), "application/octet-stream", f"logg-{seq}.json")

    @blueprint.get("/desk/log/file")
    def log_file() -> AnyResponse:
        if not is_same_site():  # another site led here: nothing is fetched, or entered in the log, in somebody's name
            return redirect("/desk/log", 303)
        return _download(desk)

    @blueprint.post("/desk/log/check")
    def check_log() -> str:
        if "admin" not in current_client().scopes:
            require(current_client(), "audit")
        found = audit.verify(desk.store)
        fault = visible(str(found)) if isinstance(found, Fault) else ""
        return render_template("log_checked.html", fault=fault, count=None if fault else found, at=desk.store.clock())


def _log(desk: Desk) -> str | tuple[str, int]:
    client, asked = current_client(), _asked()
    query, errors = _query(desk, asked, client)
    page = None
    if query is not None:
        with desk.store.reading() as transaction:
            page = logbook.read(transaction, query, before=_number("before"), after=_number("after"))
    rows = [_row(desk, entry) for entry in page.entries] if page else []
    html = render_template(
        "log.html", asked=asked, errors=errors, page=page, days=_by_day(rows), kinds=_kinds(client), most=DOWNLOAD_MAX,
        whole=_whole(client), found_by=_said(asked, query, desk) if query else "",
        address=lambda **more: "?" + urlencode([*asked.pairs(), *more.items()]),
    )  # fmt: skip
    return (html, 422) if errors else html


def _download(desk: Desk) -> Response:
    client, asked = current_client(), _asked()
    query, errors = _query(desk, asked, client)
    form = request.args.get("as", "")
    if query is None or form not in ("csv", "jsonl"):
        raise NotFound("no-such-file", _NO_FILE if query else Text(errors[0][1], errors[0][1]))
    shown = ", ".join(f"{name}={value}" for name, value in _understood(asked, query)) or None
    with desk.store.transaction() as transaction:
        whose = {"person": asked.person} if asked.person else None
        audit.record(transaction, Event.LOG_EXPORTED, by=client.id, private=whose, shown=shown, form=form)
    entries = logbook.walk(desk.store, query, DOWNLOAD_MAX)
    if form == "jsonl":
        return _file((entry.data + b"\n" for entry in entries), "application/octet-stream", "logg.jsonl")
    return _file(_csv(desk, entries), "text/csv; charset=utf-8", "logg.csv")


def _understood(asked: Asked, query: Query) -> Iterator[tuple[str, str]]:
    """Yield the filter for the log, which keeps it for good: only what was understood, and never a name."""
    if query.incident:
        yield "incident", query.incident
    if asked.kind:
        yield "kind", asked.kind
    for name, at in (("start", query.start), ("end", query.end)):
        if at is not None:
            yield name, at.isoformat()


def _file(content: Iterator[bytes], kind: str, name: str) -> Response:
    whole = b"".join(content)  # made while the reader is known: its words are in the reader's language
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(whole, content_type=kind, headers=disposition)


def _csv(desk: Desk, entries: Iterator[Entry]) -> Iterator[bytes]:
    """Yield a table that a Swedish spreadsheet opens as it is: semicolons, and a mark that says UTF-8."""
    yield "\ufeff".encode()
    for row in ([*_COLUMNS], *(_cells(desk, entry) for entry in entries)):
        text = io.StringIO()
        csv.writer(text, delimiter=";").writerow([_harmless(str(cell)) for cell in row])
        yield text.getvalue().encode("utf-8", "backslashreplace")


def _cells(desk: Desk, entry: Entry) -> list[Any]:
    at = entry.at.astimezone(desk.settings.zone).isoformat(sep=" ", timespec="milliseconds") if entry.at else ""
    mark = entry.about.mark or entry.about.ref
    return [entry.seq, at, who(entry), line(entry), visible(mark), visible(str(entry.facts.get("type"))), entry.hash]


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from taking words for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell


def _asked() -> Asked:
    names = ("incident", "person", "kind", "start", "end")
    return Asked(**{name: request.args.get(name, "").strip()[:100] for name in names})


def _query(desk: Desk, asked: Asked, client: Client) -> tuple[Query | None, FieldErrors]:
    """Return what is looked for, or what is wrong with the filter."""
    errors: FieldErrors = []
    ref = asked.incident.upper().partition("/")[0]
    if ref and not _is_incident(desk, ref):
        words = t(
            "Det finns ingen händelse med den beteckningen. Den ser ut så här: ",
            "There is no incident with that reference. It looks like this: ",
        )
        errors.append(("incident", f"{words}{desk.settings.organisation.short}-2026-0031."))
    times: dict[str, datetime | None] = {}
    for name in ("start", "end"):
        try:
            times[name] = _local(desk, getattr(asked, name))
        except (ValueError, OverflowError):
            words = t("Skriv tiden så här: 2026-03-14 02:40.", "Write the time like this: 2026-03-14 02:40.")
            errors.append((name, words))
    if asked.kind not in ("", "trouble", *KINDS):
        errors.append(("kind", t("Det urvalet finns inte. Välj i listan.", "There is no such choice. Use the list.")))
    if asked.person and not _whole(client):
        words = t("Din roll får inte söka på person.", "Your role may not search by person.")
        errors.append(("person", words))
    if errors:
        return None, errors
    return Query(types_of(asked.kind) & _readable(client), ref, asked.person, times["start"], times["end"]), []


def _said(asked: Asked, query: Query, desk: Desk) -> str:
    """Return the filter in words; nothing where everything is shown."""
    kind = next((say(words) for key, words in (*KINDS.items(), ("trouble", TROUBLE)) if key == asked.kind), "")
    zone = desk.settings.zone
    start = t("från ", "from ") + when(query.start, zone) if query.start else ""
    end = t("till ", "until ") + when(query.end, zone) if query.end else ""
    whose = t(f"”{visible(query.person)}”", f"“{visible(query.person)}”") if query.person else ""
    return ", ".join(one for one in (visible(query.incident), whose, kind.lower(), start, end) if one)


def _is_incident(desk: Desk, ref: str) -> bool:
    with desk.store.reading() as transaction:
        return bool(logbook.subjects_of(transaction, ref))


def _local(desk: Desk, typed: str) -> datetime | None:
    if not typed:
        return None
    moment = datetime.fromisoformat(typed)
    return (moment if moment.tzinfo else moment.replace(tzinfo=desk.settings.zone)).astimezone(desk.settings.zone)


def _number(name: str) -> int | None:
    value = request.args.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


def _whole(client: Client) -> bool:
    """Tell whether somebody reads all of the log: an auditor or an administrator."""
    return bool(client.scopes & {"audit", "admin"})


def _readable(client: Client) -> frozenset[Event]:
    """Return what somebody may read: everybody what was decided and sent; who signed in is not for all."""
    return frozenset(Event) if _whole(client) else frozenset(Event) - types_of("people") - types_of("service")


def _kinds(client: Client) -> list[tuple[str, str]]:
    mine = [(key, say(words)) for key, words in KINDS.items() if types_of(key) & _readable(client)]
    return [("", t("Allt", "Everything")), *mine, ("trouble", say(TROUBLE))]


def _row(desk: Desk, entry: Entry) -> dict[str, Any]:
    zone, event, said = desk.settings.zone, entry.event, line(entry)
    return {
        "seq": entry.seq,
        "day": when(entry.at, zone).rpartition(t(" kl.", " at"))[0] if entry.at else "",
        "clock": clock(entry.at, zone),
        "at": entry.at,
        "line": said,
        "who": "" if said.startswith(f"{who(entry)}:") else who(entry),
        "ref": visible(entry.about.ref),
        "mark": visible(entry.about.mark or entry.about.ref),
        "trouble": event is None or event in types_of("trouble"),
        "type": visible(str(entry.facts.get("type"))),
    }


def _by_day(rows: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    days: list[tuple[str, list[dict[str, Any]]]] = []
    for row in rows:
        if not days or days[-1][0] != row["day"]:
            days.append((row["day"], []))
        days[-1][1].append(row)
    return days


def _hidden(entry: Entry, client: Client) -> list[tuple[str, str]]:
    """Return what is kept outside the entry, as far as it is not erased and is for this reader."""
    shown: Mapping[str, str | None] = entry.hidden
    if not _whole(client):
        shown = {name: value for name, value in shown.items() if name in HIDDEN and name not in _CLOSE}
    erased = t("raderat; bara fingeravtrycket är kvar", "erased; only the fingerprint is left")
    return [
        (say(HIDDEN.get(name, Text(visible(name), visible(name)))), erased if value is None else visible(value))
        for name, value in shown.items()
    ]
