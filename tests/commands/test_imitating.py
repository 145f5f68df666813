"""`sandbox`: the imitations on their own, with a script from a file and chance from a seed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from broadcaster.__main__ import cli
from broadcaster.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
RULES = {"facebook": [{"on": "POST /{page}/feed", "do": "error:190/460", "times": 1}],
         "cms": [{"on": "PUT /{id}", "do": "error_500"}], "phone": [{"on": "PUT /announcements/{id}", "do": "slow:1"}]}


def started(folder: Path, *words: str) -> subprocess.Popen[str]:
    """Start the imitations as a process of its own, without settings or secrets."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BROADCASTER_")}
    return subprocess.Popen(
        [sys.executable, "-m", "broadcaster", "sandbox", "--port", "0", *words], cwd=folder, text=True,
        env={**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@contextmanager
def running(folder: Path, *words: str) -> Iterator[httpx.Client]:
    """Give a client of imitations that end, by themselves and with 0, when they are told to."""
    process = started(folder, *words)
    assert process.stdout is not None
    name, url = process.stdout.readline().split()
    assert name == "sandbox"
    try:
        with httpx.Client(base_url=url, trust_env=False) as client:
            yield client
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 0


def post(client: httpx.Client, words: str) -> Any:
    return client.post("/graph/100200300/feed", data={"message": words, "access_token": "PAGETOK"}).json()


def test_a_script_from_a_file_is_in_force_from_the_first_call(tmp_path: Path) -> None:
    (tmp_path / "faults.json").write_text(json.dumps(RULES), "utf-8")
    with running(tmp_path, "--script", "faults.json") as client:
        shown = client.get("/_script").json()
        assert {name: [rule["do"] for rule in rules] for name, rules in shown.items()} == {
            "facebook": ["error:190/460"], "cms": ["error_500"], "phone": ["slow:1"]}
        assert post(client, "Första")["error"]["error_subcode"] == 460
        assert "id" in post(client, "Andra")
        client.put("/_script", json={}).raise_for_status()
        assert client.get("/_script").json() == {}, "by HTTP it can be replaced at any time"


def test_what_http_takes_a_file_may_hold(tmp_path: Path) -> None:
    """Whoever has put a script together by trial keeps it as it is shown."""
    with running(tmp_path) as client:
        client.put("/_script", json=RULES).raise_for_status()
        kept = client.get("/_script").text
    (tmp_path / "kept.json").write_text(kept, "utf-8")
    with running(tmp_path, "--script", "kept.json") as client:
        assert client.get("/_script").text == kept


def test_the_seed_decides_the_ids(tmp_path: Path) -> None:
    def first_id(seed: int) -> Any:
        with Sandbox(seed=seed) as sandbox, httpx.Client(base_url=sandbox.url, trust_env=False) as client:
            return post(client, "Hej")["id"]

    with running(tmp_path, "--seed", "7") as client:
        assert post(client, "Hej")["id"] == first_id(7) != first_id(8)


@pytest.mark.parametrize(("content", "words"), [
    ('{"facebook": [{"on": "POST /{page}/feed", "do": "error:token"}]}', "such as error:10 or error:190/460"),
    ('{"facebook": ', "not a script of faults"), ('["hang"]', "a script is an object"), ("\ud800", "not a script")])
def test_a_file_that_is_no_script_is_refused_in_words_and_nothing_starts(
        tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "faults.json"
    file.write_bytes(content.encode("utf-8", "surrogatepass"))
    found = CliRunner().invoke(cli, ["sandbox", "--port", "0", "--script", str(file)])
    assert found.exit_code == 1
    assert words in found.output
    assert "sandbox http" not in found.output


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    found = CliRunner().invoke(cli, ["sandbox", "--port", "0", "--script", str(tmp_path / "none.json")])
    assert found.exit_code == 2
    assert "none.json" in found.output
