"""
Which Swedish a translation was signed for: a signature holds for those words, and for no others.

The digest is of every Swedish word the translation has its own words for: the texts of its channels, the sentences of
blanks and contacts, what can be chosen. When one of them changes, in the file or in the desk, the translation waits for
a reviewer again and is left out of messages, until somebody signs it anew.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from broadcaster.manuscript import Playbook
from broadcaster.translation import Translation

SWEDISH = "sv"
#: What `sign` writes anew; all of it stands before the first table.
_VOUCHES = ("needs_review", "signed", "swedish")
_VOUCHING = re.compile(r"^(?:needs_review|signed|swedish)[ \t]*=.*\n?", re.MULTILINE)
_FIRST_TABLE = re.compile(r"^\[", re.MULTILINE)


def digest_of(playbook: Playbook, words: Translation) -> str:
    """Return the digest of the Swedish that `words` translate, as it stands beside their signature."""
    data = playbook.model_dump()
    channels = {channel for said in words.texts.values() for channel in said}
    texts = {
        phase: {channel: said[channel].get(SWEDISH) for channel in sorted(channels) if channel in said}
        for phase, said in data["texts"].items()
    }
    blanks = {name: _blank(one) for name, one in data["blanks"].items()}
    contacts = {name: _cases(one, ("working", "affected", "spoken")) for name, one in data["contacts"].items()}
    swedish = json.dumps([texts, blanks, contacts], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(swedish.encode()).hexdigest()}"


def holds(words: Translation, playbook: Playbook, file: Playbook | None) -> bool:
    """Tell whether a signature is for the Swedish of `playbook`.

    One that names no Swedish, from before it did, is for what the playbook's own `file` says.
    """
    signed_for = words.swedish or (digest_of(file, words) if file is not None else None)
    return signed_for is None or signed_for == digest_of(playbook, words)


def signed(text: str, by: str, swedish: str) -> str:
    """Return a translation's file as `by` signs it for the Swedish with this digest; nothing else in it changes.

    Raises `ValueError` for a file that is written in a way this cannot follow.
    """
    first = _FIRST_TABLE.search(text)
    end = first.start() if first else len(text)
    head, rest = text[:end], text[end:]
    place = _VOUCHING.search(head)
    at = place.start() if place else len(head)
    vouched = f"signed = {json.dumps(by, ensure_ascii=False)}\nswedish = {json.dumps(swedish)}\n"
    made = _VOUCHING.sub("", head[:at]) + vouched + _VOUCHING.sub("", head[at:]) + rest
    kept = {key: value for key, value in tomllib.loads(text).items() if key not in _VOUCHES}
    try:
        as_wanted = tomllib.loads(made) == {**kept, "signed": by, "swedish": swedish}
    except tomllib.TOMLDecodeError:
        as_wanted = False
    if not as_wanted:
        raise ValueError("the file is written in a way that cannot be signed here; write signed and swedish by hand")
    return made


def _blank(one: Mapping[str, Any]) -> dict[str, Any]:
    choices = {choice["key"]: choice.get(SWEDISH) for choice in one["choices"]}
    return {**_cases(one, ("known", "unknown")), "choices": choices}


def _cases(one: Mapping[str, Any], cases: tuple[str, ...]) -> dict[str, Any]:
    """Return the Swedish sentences of a blank or a contact, everywhere and in single places."""
    here = {case: (one.get(case) or {}).get(SWEDISH) for case in cases}
    places = {where: _cases({**said, "on": {}}, cases) for where, said in one.get("on", {}).items()}
    return {**here, "on": places}
