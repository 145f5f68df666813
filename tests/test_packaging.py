"""What a region unpacks is what we meant to ship: pinned, without addresses, and complete."""

import re
import runpy
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from gunicorn.config import Config  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
VERBS = {"help", "demo", "test", "browser", "pictures", "check", "torture", "bench", "run", "lock", "clean"}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_region_can_install_from_its_own_registry(lock: str) -> None:
    """A lock file names versions and hashes, and no place to fetch them from."""
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert not re.findall(r"(?i)\w+://|index-url|find-links|--trusted-host|^-[ef]\b| @ ", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_package_that_was_swapped_on_the_way_is_refused(lock: str) -> None:
    """Every package is pinned to one version and to the hashes of its files."""
    entries = _entries(lock)

    assert entries
    for name, entry in entries.items():
        assert re.match(r"[a-z0-9-]+==\S+( ; [^\\\n]+)? \\\n", entry), name
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), name


def test_everything_the_project_asks_for_is_pinned() -> None:
    """What pyproject.toml names is in the lock that installs it, and what is tested is what runs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    running, testing = (_entries(lock) for lock in LOCKS)

    assert {_name(line) for line in project["project"]["dependencies"]} <= running.keys()
    assert {_name(line) for line in project["dependency-groups"]["dev"]} <= testing.keys()
    assert {name: testing.get(name) for name in running} == running


def test_make_alone_tells_a_newcomer_every_verb() -> None:
    """`make` without a word lists each verb with what it does, and installs nothing."""
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = dict(re.findall(r"^make (\S+) +(\S.*)$", shown, flags=re.MULTILINE))

    assert listed.keys() == VERBS
    assert all(len(words) > 10 for words in listed.values())


def test_the_wheel_carries_pages_playbooks_and_migrations(tmp_path: Path) -> None:
    """Every file the checkout runs with is in the wheel too, and nothing that a test or a cache left."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        held = {name for name in wheel.namelist() if name.startswith("broadcaster/")}

    expected = {f"broadcaster/{path}" for path in _files(ROOT / "broadcaster")}
    for folder in ("templates", "playbooks"):
        expected |= {f"broadcaster/{folder}/{path}" for path in _files(ROOT / folder)}
    assert held == expected | {"broadcaster/gunicorn.conf.py"}


def test_the_web_server_takes_every_setting_we_give_it() -> None:
    """gunicorn knows each name in gunicorn.conf.py, and the ones that protect us have the value we promise."""
    given = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    config = Config()
    ours = {name: value for name, value in given.items() if name in config.settings}
    for name, value in ours.items():
        config.set(name, value)

    assert {name for name in given if name.islower() and not name.startswith("_")} - {"gc", "os"} == ours.keys()
    assert config.worker_class_str == "gthread"
    assert (config.control_socket_disable, config.preload_app, config.accesslog) == (True, False, None)
    assert config.graceful_timeout < config.timeout


def _entries(lock: str) -> dict[str, str]:
    """Return the lock's entries by package name, each with its hashes."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    starts = re.finditer(r"^[^#\s].*(?:\n    .*)*", text, flags=re.MULTILINE)
    return {match.group().split("==", maxsplit=1)[0]: match.group() for match in starts}


def _name(requirement: str) -> str:
    """Return the normalised package name of a requirement line."""
    bare = re.split(r"[\[<>=~!; ]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", bare).lower()


def _files(folder: Path) -> set[str]:
    """Return what lies in a folder, without caches."""
    caches = {"__pycache__", ".mypy_cache", ".ruff_cache"}
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {path.as_posix() for path in paths if not caches & set(path.parts)}
