"""What the people would have in their hands: the phones with their SMS, and the letters."""

import re
from collections.abc import Iterable
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from broadcaster.sandbox.elks import Elks, Sms
from broadcaster.sandbox.mail import Letter, Mailbox

_ZONE = ZoneInfo("Europe/Stockholm")
_LINK = re.compile(r"https?://[^\s<>\"]+")


def links(elks: Elks, mailbox: Mailbox) -> str:
    """Return the ways to the phones and to the letters, where there are any."""
    ways = [("/phones", "Telefonerna", len(elks.all())), ("/mail", "Breven", len(mailbox.letters()))]
    found = [f'<a href="{path}">{name}</a> ({count})' for path, name, count in ways if count]
    return f'<p class="lone">{" · ".join(found)}</p>' if found else ""


def phones(elks: Elks) -> str:
    """Return one screen for each number, latest SMS first."""
    every = elks.all()
    numbers = sorted({_whose(one) for one in every})
    screens = [_screen(number, [one for one in reversed(every) if _whose(one) == number]) for number in numbers]
    shown = f'<div class="columns">{"".join(screens)}</div>' if screens else _empty("Inga sms ännu.", "No SMS yet.")
    return f"<h1>Telefonerna</h1>{shown}"


def letters(mailbox: Mailbox) -> str:
    """Return every letter, latest first."""
    cards = [_letter(one) for one in reversed(mailbox.letters())]
    return "<h1>Breven</h1>" + ("".join(cards) or _empty("Inga brev ännu.", "No letters yet."))


def _whose(sms: Sms) -> str:
    return sms.sender if sms.direction == "incoming" else sms.to


def _screen(number: str, every: Iterable[Sms]) -> str:
    cards = "".join(_bubble(one) for one in every)
    return (f'<section class="channel"><header><h2>{escape(number)}</h2></header>'
            f'<div class="window">{cards}</div></section>')


def _bubble(sms: Sms) -> str:
    if sms.direction != "incoming" and not sms.arrived():
        return f'<p class="empty">Ett sms från {escape(sms.sender)} kom aldrig fram · {_time(sms.created_at)}</p>'
    kind, who = ("card", sms.sender) if sms.direction != "incoming" else ("card answer", f"Svar till {sms.to}")
    return (f'<article class="{kind}"><p class="meta"><b>{escape(who)}</b> · {_time(sms.created_at)}</p>'
            f'<div class="words">{_text(sms.message)}</div></article>')


def _letter(letter: Letter) -> str:
    said = letter.shown()
    return (f'<article class="card"><h2>{escape(said["subject"])}</h2>'
            f'<p class="meta">Från {escape(letter.sender)} till {escape(", ".join(letter.to))} · '
            f'{_time(letter.received_at)}</p><div class="words">{_text(said["text"])}</div></article>')


def _text(words: str) -> str:
    """Return the words, addresses in them as links: a phone and a mail program do the same."""
    found, at = "", 0
    for link in _LINK.finditer(words):
        address = escape(link[0])
        found += escape(words[at:link.start()], quote=False) + f'<a href="{address}" rel="noreferrer">{address}</a>'
        at = link.end()
    return found + escape(words[at:], quote=False)


def _empty(sv: str, en: str) -> str:
    return f'<p class="lone">{sv} <span lang="en">{en}</span></p>'


def _time(at: float) -> str:
    local = datetime.fromtimestamp(at, _ZONE)
    words = f"{local.day}/{local.month} kl. {local:%H.%M.%S}"
    return f'<time datetime="{local.isoformat(timespec="seconds")}">{words}</time>'
