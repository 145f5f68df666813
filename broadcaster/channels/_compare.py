"""
Whether what a channel shows is what we said.

Channels trim, and spell the same letters differently; nothing else counts as equal.
"""

import re
from dataclasses import replace
from unicodedata import normalize

from broadcaster.channels import Outcome, Reason


def same(ours: str, shown: str) -> bool:
    """Tell whether two texts differ in nothing but line ends, spaces before them, and spelling (NFC)."""
    return _plain(ours) == _plain(shown)


def ends_with(shown: str, ours: str) -> bool:
    """Tell whether `shown` is our text, or has it under whole paragraphs of something else."""
    return _plain(ours) != "" and f"\n\n{_plain(shown)}".endswith(f"\n\n{_plain(ours)}")


def bears(text: str, mark: str) -> bool:
    """Tell whether `mark` stands in `text` as a word of its own.

    `RV-2026-0031/1` is neither in `RV-2026-0031/12` nor in `OVN-RV-2026-0031/1`.
    """
    return re.search(rf"(?<![\w/-]){re.escape(mark)}(?![\w/-])", text) is not None


def compared(found: Outcome, ours: str, shown: str) -> Outcome:
    """Return `found` with the words read back: exactly `ours` where nothing that counts differs."""
    if same(ours, shown):
        return replace(found, words=ours)
    return replace(found, words=shown, reason=Reason.OTHER_WORDS)


def _plain(text: str) -> str:
    lines = normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()
