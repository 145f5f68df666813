"""Where a run takes place: a database with our tables, a settings file, and imitations in a process of their own."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
from running import free_port, prepare, settings_text
from service import PLAYBOOKS, SECRET_KEY, SECRETS

from broadcaster.store import Store

TESTS = Path(__file__).parent.parent
#: Short, so that the next worker takes over soon; a worker keeps a part of it for writing down what came back.
LEASE_S = 1.6
CALL_TIMEOUT_S = 0.7
#: Nothing at these imitations takes effect later than this, so the grace may be as short.
LATEST_S = 0.5
GRACE_S = 4.0
RULES = {
    "lease_s": LEASE_S,
    "call_timeout_s": CALL_TIMEOUT_S,
    "grace_s": GRACE_S,
    "allow_short_grace": True,
    "sweep_s": 0.3,
}


@dataclass
class Stage:
    """A place of its own in `folder`. `close` ends the imitations; the database stays."""

    folder: Path
    database_url: str
    seed: int = 0
    rules: dict[str, float] = field(default_factory=lambda: dict(RULES))
    port: int = field(default_factory=free_port)
    imitation: str = ""
    key: str = ""

    def __post_init__(self) -> None:
        self.store = Store(self.database_url)
        self.base = f"http://127.0.0.1:{self.port}"
        #: where the service answers; more than one when several nodes do
        self.bases = [self.base]

    def __enter__(self) -> Self:
        self._sandbox = subprocess.Popen(
            [sys.executable, "-m", "broadcaster", "sandbox", "--port", "0", "--seed", str(self.seed)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(TESTS.parent)},
            text=True,
        )
        assert self._sandbox.stdout is not None
        self.imitation = self._sandbox.stdout.readline().removeprefix("sandbox ").strip()
        assert self.imitation.startswith("http"), "the imitations did not start"
        text = settings_text(self.base, self.imitation, self.database_url, **self.rules)
        self.settings_file.write_text(text, "utf-8")
        self.key = prepare(self.store)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def settings_file(self) -> Path:
        """The settings of every process on this stage."""
        return self.folder / "settings.toml"

    @property
    def environ(self) -> dict[str, str]:
        """The environment of every process on this stage."""
        return {
            **os.environ,
            **SECRETS,
            "BROADCASTER_CONFIG": str(self.settings_file),
            "BROADCASTER_SECRET_KEY": SECRET_KEY,
            "PORT": str(self.port),
            "WEB_CONCURRENCY": "1",
            "PYTHONPATH": f"{PLAYBOOKS.parent}{os.pathsep}{TESTS}",
        }

    def script(self, rules: dict[str, Any]) -> None:
        """Let the imitations misbehave by these rules from now on; none: all is well."""
        httpx.put(f"{self.imitation}/_script", json=rules, trust_env=False, timeout=60).raise_for_status()

    def shown(self) -> dict[str, Any]:
        """Return what the public sees now."""
        found: dict[str, Any] = httpx.get(f"{self.imitation}/_state", trust_env=False, timeout=60).json()
        return found

    def close(self) -> None:
        """End the imitations and give the connections back."""
        self._sandbox.terminate()
        self._sandbox.wait(60)
        assert self._sandbox.stdout is not None
        self._sandbox.stdout.close()
        self.store.close()
