"""A region that was just set up with `broadcaster init`, and the commands as its operator types them."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from broadcaster import approval
from broadcaster.__main__ import cli
from broadcaster.commands.wiring import Wiring

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "fyra ord utan samband"
INIT = ("--name", "Region Värmland", "--short", "RV", "--county", "17", "--base-url", "https://kris.region.example")


@dataclass
class Operator:
    """Somebody at the command line, with the environment `init` told them to set."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def type(self, *words: str, given: str | bytes = "") -> Result:
        """Run a command in this process."""
        none = dict.fromkeys((name for name in os.environ if name.startswith("BROADCASTER_")), None)
        return CliRunner().invoke(cli, words, env={**none, **self.environ}, input=given)

    def run(self, *words: str, given: str = "", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command as a process of its own."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BROADCASTER_")}
        return subprocess.run(
            [sys.executable, "-m", "broadcaster", *words],
            env={**kept, **self.environ, "PYTHONPATH": str(ROOT)},
            cwd=cwd or self.folder,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    def set_up(self) -> None:
        """Do what README says first."""
        made = self.type("init", str(self.folder), *INIT, "--admin", "admin", "--password-stdin", given=PASSWORD)
        assert made.exit_code == 0, made.output
        for line in made.output.splitlines():
            name, _, value = line.removeprefix("export ").partition("=")
            self.environ[name] = value

    def add(self, name: str, *roles: str) -> None:
        words = [word for role in roles for word in ("--role", role)]
        assert self.type("users", "add", name, *words, "--password-stdin", given=PASSWORD + "\n").exit_code == 0


@pytest.fixture
def stranger(tmp_path: Path) -> Operator:
    """Return somebody who has nothing: no settings, no secrets, no database."""
    return Operator(tmp_path)


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """Return somebody whose region was just set up."""
    found = Operator(tmp_path)
    found.set_up()
    return found




@pytest.fixture
def approve_all() -> Callable[[Operator], None]:
    """Return what lets two people approve every playbook."""

    def approve(operator: Operator) -> None:
        parts = Wiring(operator.environ).parts
        with parts.store.transaction() as transaction:
            for snapshot in parts.playbooks.within(transaction).all():
                for name in ("anna", "bo"):
                    approval.approve(transaction, snapshot, name)
        parts.store.close()

    return approve
