"""Look for seeds that catch each broken engine, or try the stored ones."""

import argparse
import sys

from teeth import catches
from teeth.bite import bite
from teeth.variants import VARIANTS, Variant

STEP = 100


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m teeth", description=__doc__)
    parser.add_argument("--find", metavar="A:B", help="store a seed of this range for every variant that has none")
    parser.add_argument("names", nargs="*", help="only these variants")
    chosen = parser.parse_args()
    wanted = [one for one in VARIANTS if not chosen.names or one.name in chosen.names]
    missed = 0
    for variant in wanted:
        stored = catches.load().get(variant.name)
        caught = _tried(variant, stored) if stored else None
        if caught is None and chosen.find:
            first, _, last = chosen.find.partition(":")
            caught = _searched(variant, int(first), int(last))
        missed += caught is None
        _say(f"{'caught' if caught else 'MISSED'}  {variant.name}  {caught or ''}")
    _say(f"{len(wanted) - missed} of {len(wanted)} broken engines caught")
    return 1 if missed else 0


def _tried(variant: Variant, stored: catches.Catch) -> catches.Catch | None:
    found = bite(variant, f"{stored.seed}:{stored.seed + 1}")
    return stored if found.code == 1 and (stored.seed, stored.promise) in found.found else None


def _searched(variant: Variant, first: int, last: int) -> catches.Catch | None:
    for begin in range(first, last, STEP):
        found = bite(variant, f"{begin}:{min(begin + STEP, last)}", "--processes", "2")
        if found.code not in (0, 1) and not found.found:
            _say(found.said[-1500:])
            return None
        if found.found:
            caught = catches.Catch(*found.found[0])
            catches.store(variant.name, caught)
            return caught
    return None


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
