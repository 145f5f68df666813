"""What whoever approves must read first: what changed in a playbook since the version that was approved before it."""

from collections.abc import Mapping
from typing import Any

from broadcaster import approval
from broadcaster.approval import Earlier
from broadcaster.board import CHANNEL_NAMES, channel_name
from broadcaster.desk.vocabulary import PHASES
from broadcaster.difference import ORDER, SECTIONS, Change, Difference, Thing, since
from broadcaster.errors import Forged, Text
from broadcaster.language import NAMES, name_of, say, t
from broadcaster.manuscript import Content
from broadcaster.playbook import Fill, Snapshot
from broadcaster.proof import load_earlier
from broadcaster.store import Store

#: With more than this, a page that is all open is no longer read; everything is then folded alike.
OPEN_MAX = 40
_HEADINGS: Mapping[str, Text] = {
    "texts": Text("Texter", "Texts"),
    "blanks": Text("Uppgifter att fylla i", "Blanks to fill in"),
    "numbers": Text("Nummer i registret", "Numbers in the register"),
    "sites": Text("Webbplatser i registret", "Sites in the register"),
    "lines": Text("Gemensamma meningar, för alla krismallar", "Shared sentences, for all playbooks"),
    "places": Text("Platser i registret", "Places in the register"),
    "pictures": Text("Bilder", "Pictures"),
    "answers": Text("Färdiga svar på frågor", "Prepared answers to questions"),
    "sources": Text("Vem som står för orden", "Who vouches for the words"),
    "checklist": Text("Checklista", "Checklist"),
    "cap": Text("För andra system (CAP 1.2)", "For other systems (CAP 1.2)"),
    "about": Text("Inställningar", "Settings"),
    "edition": Text("Version och redaktör", "Version and editor"),
}
_KINDS: Mapping[str, Text] = {
    "changed": Text("ändrad", "changed"),
    "added": Text("ny", "new"),
    "removed": Text("borttagen", "removed"),
}
#: What the values of a playbook's file are called by people who never see the file.
_LABELS: Mapping[str, Text] = {
    "affected": Text("när krisen har slagit ut den", "when the crisis has struck it"),
    "also_name": Text("får sägas som namn", "may be said as a name"),
    "alt": Text("bilden i ord", "the picture in words"),
    "answer": Text("svar", "answer"),
    "category": Text("slag", "kind"),
    "certainty": Text("hur säkert det är", "certainty"),
    "channels": Text("kanaler", "channels"),
    "code": Text("kod hos SCB", "code of Statistics Sweden"),
    "county": Text("län", "county"),
    "choices": Text("val", "choices"),
    "domains": Text("egna webbadresser", "own web addresses"),
    "depends_on": Text("slås ut med", "struck with"),
    "editor": Text("redaktör", "editor"),
    "examples": Text("exempel", "examples"),
    "file": Text("fil", "file"),
    "height": Text("höjd", "height"),
    "help": Text("hjälptext", "help text"),
    "if_unsure": Text("om det är osäkert om det är ute", "if it is uncertain whether it is out"),
    "key": Text("namn i filen", "name in the file"),
    "kind": Text("sorts plats", "kind of place"),
    "kinds": Text("sorters plats", "kinds of place"),
    "known": Text("när det är känt", "when it is known"),
    "label": Text("rubrik", "label"),
    "languages": Text("språk", "languages"),
    "languages_on": Text("språk per kanal", "languages per channel"),
    "max_length": Text("längst, tecken", "longest, characters"),
    "name": Text("namn", "name"),
    "needs_signoff": Text("väntar på ett ja", "waits for a yes"),
    "open": Text("får vara utanför registret", "may be outside the register"),
    "order": Text("uppgifternas ordning", "order of the blanks"),
    "organisation": Text("organisation", "organisation"),
    "owner": Text("vem som äger fakta", "who owns the facts"),
    "phases": Text("skeden", "phases"),
    "playbook": Text("krismallens egna ord", "the playbook's own words"),
    "question": Text("fråga", "question"),
    "response": Text("vad man ska göra", "what to do"),
    "says": Text("raden", "the line"),
    "seen": Text("rubriker på första sidan", "headings on the first page"),
    "severity": Text("allvar", "severity"),
    "sha256": Text("bildens fingeravtryck", "fingerprint of the picture"),
    "signed": Text("sagt ja", "said yes"),
    "source": Text("källa", "source"),
    "spoken": Text("som det läses upp", "as it is read aloud"),
    "struck": Text("nummer och system som krisen slår ut", "numbers and systems the crisis strikes"),
    "systems": Text("system", "systems"),
    "takes": Text("drar med sig kanalerna", "takes the channels with it"),
    "stop_seconds": Text("sekunder att stoppa", "seconds to stop"),
    "text": Text("ord", "words"),
    "timezone": Text("tidszon", "time zone"),
    "title": Text("namn", "title"),
    "top_line": Text("överst i tidigare inlägg", "on top of earlier posts"),
    "type": Text("typ", "type"),
    "unknown": Text("när det inte är känt", "when it is not known"),
    "update_minutes": Text("minuter mellan besked", "minutes between messages"),
    "urgency": Text("brådska", "urgency"),
    "use": Text("när den används", "when to use it"),
    "value": Text("numret eller adressen", "the number or address"),
    "version": Text("version", "version"),
    "width": Text("bredd", "width"),
    "works": Text("vad fungerar, vad fungerar inte", "what works, what does not"),
    "working": Text("när den fungerar", "when it works"),
    ORDER: Text("ordning", "order"),
}
#: Sections whose things are called by their number, and what one of them is.
_NUMBERED: Mapping[str, Text] = {
    "answers": _LABELS["question"], "sources": _LABELS["source"], "checklist": Text("punkt", "item")
}  # fmt: skip
#: Keys that only hold other keys together.
_SILENT = frozenset({"on"})


def changes(store: Store, snapshot: Snapshot) -> dict[str, Any]:
    """Return what the page shows of the changes since the last approved words: `earlier` is None when there are none.

    `broken` says that the earlier words were tampered with, so that nothing can be compared.
    """
    with store.reading() as transaction:
        earlier = approval.last_approved(transaction, snapshot.id, but=snapshot.digest)
        if earlier is None:
            return {"earlier": None}
        try:
            before = load_earlier(transaction, earlier)
        except Forged:
            return {"earlier": _named(earlier), "broken": True}
    found = since(before.content, snapshot.content)
    contents = Content.model_validate_json(snapshot.content), Content.model_validate_json(before.content)
    return {
        "earlier": _named(earlier),
        "told": say(found.told()),
        "folded": len(found.things) > OPEN_MAX,
        "reached": reached(before, snapshot) | {one.key for one in found.things if one.section == "texts"},
        "sections": _sections(found, contents),
    }


def fills(snapshot: Snapshot, phase: str) -> tuple[Fill, Fill]:
    """Return the two ways a phase is read here: with nothing known, and with every blank filled by its example."""
    examples = {blank.name: blank.examples[0] for blank in snapshot.blanks(phase) if blank.examples}
    known, _ = snapshot.accept(phase, examples, None, ())
    return Fill(phase, "live", {}), Fill(phase, "live", known)


def reached(before: Snapshot, now: Snapshot) -> set[tuple[str, ...]]:
    """Return the phase, channel and language of all words that read otherwise now, whatever it is that changed."""
    found: set[tuple[str, ...]] = set()
    for phase in now.phases:
        both = list(zip(fills(before, phase), fills(now, phase), strict=True)) if phase in before.phases else []
        for channel in now.channels:
            for language in now.languages_of(channel, phase):
                where = channel, language, None
                if language not in before.languages_of(channel, phase) or any(
                    before.render(old, *where) != now.render(new, *where) for old, new in both
                ):
                    found.add((phase, channel, language))
    return found


def _named(earlier: Earlier) -> dict[str, Any]:
    first, last = list(earlier.by[:-1]), earlier.by[-1]
    by = f"{', '.join(first)} {t('och', 'and')} {last}"
    return {"version": earlier.version, "at": earlier.at, "by": by, "revoked": earlier.revoked}


def _sections(found: Difference, contents: tuple[Content, ...]) -> list[dict[str, Any]]:
    things: dict[str, list[dict[str, Any]]] = {}
    for one in found.things:
        told = {
            "title": _title(one, contents),
            "kind": one.kind,
            "kind_words": say(_KINDS[one.kind]),
            "language": _language_of(one.key),
            "changes": [_change(change, one) for change in one.changes],
        }
        things.setdefault(one.section, []).append(told)
    return [{"name": say(_HEADINGS[key]), "key": key, "things": things[key]} for key in SECTIONS if key in things]


def _change(change: Change, thing: Thing) -> dict[str, Any]:
    language = _language_of(change.path) or _language_of(thing.key)
    return {"label": said_path(change.path), "language": language, "pieces": change.pieces}


def _title(thing: Thing, contents: tuple[Content, ...]) -> str:
    """Return what people call a thing; one with a name in the file is called by its label, and that name."""
    name = thing.key[0]
    if thing.section == "texts":
        top = [] if len(thing.key) > 2 else [say(_LABELS["top_line"])]
        return " · ".join([_word(name), *top, *map(_word, thing.key[1:])])
    if thing.section in ("blanks", "numbers", "sites"):
        for content in contents:
            if thing.section == "blanks" and name in content.playbook.blanks:
                return f"{say(content.playbook.blanks[name].label.text)} (${{{name}}})"
            if thing.section != "blanks" and name in content.register_.contacts:
                return f"{say(content.register_.contacts[name].name.text)} (${{{name}}})"
    if thing.section in _NUMBERED:
        number, noun = name.removesuffix("-"), _NUMBERED[thing.section]
        return f"{_upper(say(noun))} {number}{t(' i den gamla', ' of the old') if name.endswith('-') else ''}"
    return f"${{{name}}}" if thing.section == "lines" else _upper(_word(name))


def said_path(path: tuple[str, ...]) -> str:
    """Return the keys that lead to a value as a person would say them."""
    return _upper(" · ".join(_word(key) for key in path if key not in _SILENT))


def _word(key: str) -> str:
    if key in PHASES:
        return say(PHASES[key].name)
    if key in _LABELS:
        return say(_LABELS[key])
    if key in NAMES:
        return name_of(key)
    channel, _, phase = key.partition("/")
    return f"{_word(channel)}, {_word(phase)}" if phase else say(channel_name(key)) if key in CHANNEL_NAMES else key


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]


def _language_of(path: tuple[str, ...]) -> str | None:
    return path[-1] if path and path[-1] in NAMES else None
