"""Make a broken copy of the package and let the simulation loose on it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from teeth.variants import Variant

ROOT = Path(__file__).parent.parent.parent
#: How long one run may hang before it counts as not answered; a bound for loops, not a verdict on speed.
PATIENCE_S = 900
_FOUND = re.compile(r"^seed (\d+): (.+?) at [0-9.]+ s: (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Bite:
    """What the simulation said of a broken engine: its exit code, and each broken promise with its seed."""

    code: int
    found: tuple[tuple[int, str], ...]
    said: str


def bite(variant: Variant | None, seeds: str, *more: str) -> Bite:
    """Run the simulation on `seeds` with the engine `variant` makes, or with a whole copy of the sound one."""
    with broken_copy(variant) as folder:
        environ = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT / 'tests'}", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, "-m", "simulation", "--seeds", seeds, *more],
            cwd=folder,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE_S,
            text=True,
            check=False,
        )
    found = tuple((int(seed), promise) for seed, promise, _ in _FOUND.findall(done.stdout))
    return Bite(done.returncode, found, done.stdout)


@contextmanager
def broken_copy(variant: Variant | None) -> Iterator[Path]:
    """Yield a folder that holds the package with the variant's rule taken out, and what stands beside the package."""
    with TemporaryDirectory(prefix="teeth-") as made:
        folder = Path(made)
        package = folder / "broadcaster"
        shutil.copytree(ROOT / "broadcaster", package, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("templates", "playbooks", "gunicorn.conf.py"):
            (folder / name).symlink_to(ROOT / name)
        for edit in variant.edits if variant else ():
            path = package / edit.file
            text = path.read_text("utf-8")
            if text.count(edit.old) != 1:
                raise LookupError(f"{edit.file} holds this {text.count(edit.old)} times, not once: {edit.old}")
            path.write_text(text.replace(edit.old, edit.new), "utf-8")
        yield folder
