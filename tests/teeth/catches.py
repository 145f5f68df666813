"""Which seed catches which broken engine, and by which promise: kept in `catches.json` beside this file."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

_FILE = Path(__file__).parent / "catches.json"


@dataclass(frozen=True)
class Catch:
    """A seed, and the promise it shows broken."""

    seed: int
    promise: str


def load() -> dict[str, Catch]:
    """Return every stored catch by the variant's name."""
    if not _FILE.exists():
        return {}
    return {name: Catch(**found) for name, found in json.loads(_FILE.read_text("utf-8")).items()}


def store(name: str, caught: Catch) -> None:
    """Keep a catch."""
    found = load() | {name: caught}
    lines = {key: asdict(found[key]) for key in sorted(found)}
    _FILE.write_text(json.dumps(lines, indent=1, ensure_ascii=False) + "\n", "utf-8")
