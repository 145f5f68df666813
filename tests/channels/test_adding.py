"""docs/adding-a-channel.md takes a developer from nothing to a channel that keeps the contract; this test is one."""

import re
import subprocess
from pathlib import Path

import pytest
from channels.installing import PAGE, files_of, install, run_with

FILES = files_of(PAGE)
KIND = FILES["noticeboard.py"]
SUITE = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/channels/test_kinds.py", "-k")


def held(folder: Path, promise: str = "") -> subprocess.CompletedProcess[str]:
    """Hold what is installed in `folder` against the contract, or against one promise of it."""
    return run_with(folder, *SUITE, f"noticeboard and {promise}" if promise else "noticeboard")


def test_the_example_of_the_page_keeps_the_whole_contract(tmp_path: Path) -> None:
    """Built from the page, installed by its metadata, found by the service, and held against every promise."""
    ours = run_with(tmp_path, *SUITE, "restapp", "--collect-only")
    ran = held(install(tmp_path, FILES))
    assert ran.returncode == 0, ran.stdout
    passed = re.search(r"^(\d+) passed", ran.stdout, re.MULTILINE)
    promises = re.search(r"^(\d+)/\d+ tests collected", ours.stdout, re.MULTILINE)
    assert passed is not None
    assert promises is not None
    assert passed[1] == promises[1], "as many promises as a kind of ours with the same way keeps"


@pytest.mark.parametrize(
    ("right", "wrong", "promise"),
    [
        ("return judge(answer) or answer", "return answer", "a_no_that_was_said_first"),
        ('return found.unproven("without our id and revision")', "return found.outcome(Fact.DONE, Reason.NONE)",
         "done_needs_the_channels_own_proof"),
        ("replace(found, fact=Fact.ABSENT) if found.reason is Reason.GONE else found", "found", "never_said_is_absent"),
        ("if answer.status == 409 and not ask.reads:", "if False:", "older_words_are_refused"),
        ("connect=tools.connect, ", "", "every_connection_of_a_drill"),
    ],
)  # fmt: skip
def test_a_kind_that_breaks_a_promise_does_not_pass(tmp_path: Path, right: str, wrong: str, promise: str) -> None:
    """The suite bites: each of these would one night have said something untrue."""
    assert KIND.count(right) == 1, "the passage to break stands there exactly once"
    ran = held(install(tmp_path, {**FILES, "noticeboard.py": KIND.replace(right, wrong)}), promise)
    assert ran.returncode == 1, ran.stdout
    assert re.search(r"^\d+ failed", ran.stdout, re.MULTILINE)
