"""The shape of the code: which part may know which, and how large anything may grow."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "broadcaster"
FILES = sorted(file for file in PACKAGE.rglob("*.py"))
SOURCES = {file: file.read_text("utf-8") for file in FILES}
TREES = {file: ast.parse(text) for file, text in SOURCES.items()}
TESTS = {file: file.read_text("utf-8") for file in sorted((ROOT / "tests").rglob("*.py"))}

FILE_LINES_MAX = 350
FUNCTION_LINES_MAX = 50
FUNCTION_LINES_USUAL = 25
VAGUE = {"utils", "util", "helpers", "helper", "services", "managers", "manager", "dao", "models", "common", "misc"}


def name_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(file) for file in FILES}


def imported(file: Path) -> set[str]:
    """Return every module `file` imports, as far as a module of ours is named in full."""
    found: set[str] = set()
    for node in ast.walk(TREES[file]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in NAMES else node.module)
    return found


def of(part: str) -> list[Path]:
    """Return the files of a part: a module or a folder."""
    return [file for file in FILES if name_of(file) == part or name_of(file).startswith(part + ".")]


def within(names: set[str], part: str) -> set[str]:
    return {name for name in names if name == part or name.startswith(part + ".")}


class TestWhoMayKnowWhom:
    @pytest.mark.parametrize("part", ["desk", "api", "public", "edition", "feeds", "cap", "areas"])
    @pytest.mark.parametrize(
        "far", ["outbox", "ledger", "worker", "protocol", "channels", "sandbox", "app", "commands"]
    )
    def test_the_form_and_the_api_reach_channels_only_through_the_flow(self, part: str, far: str) -> None:
        """`app` puts the parts together; a page may take its type, and nothing runs the other way round."""
        for file in of(f"broadcaster.{part}"):
            known = within(imported(file), f"broadcaster.{far}")
            if far == "app":
                known = {name for name in known if not _only_for_types(file, name)}
            assert known == set(), f"{name_of(file)} knows {known}"

    def test_channels_know_neither_the_database_nor_the_web(self) -> None:
        for file in of("broadcaster.channels"):
            known = imported(file)
            for far in ("broadcaster.store", "broadcaster.tables", "sqlalchemy", "flask", "broadcaster.outbox"):
                assert within(known, far) == set(), f"{name_of(file)} knows {far}"

    def test_the_worker_and_what_it_does_know_no_web(self) -> None:
        for part in ("worker", "outbox", "ledger", "protocol", "standing", "stop", "alarm", "broadcast", "audit"):
            for file in of(f"broadcaster.{part}"):
                assert within(imported(file), "flask") == set(), name_of(file)

    def test_playbooks_are_words_and_know_no_database_no_clock_and_no_network(self) -> None:
        parts = ("playbook", "wording", "phrasing", "blanks", "holes", "moments", "manuscript", "composition")
        for part in (*parts, "entries", "inspection", "keys", "misfits", "remarks", "schema"):
            for file in of(f"broadcaster.{part}"):
                known = imported(file)
                for far in ("sqlalchemy", "flask", "httpx", "time", "broadcaster.store", "broadcaster.tables"):
                    assert within(known, far) == set(), f"{name_of(file)} knows {far}"

    def test_the_imitations_know_nothing_of_ours(self) -> None:
        """They stand for the world outside: what we believe of it must not leak into what answers us."""
        for file in of("broadcaster.sandbox"):
            ours = within(imported(file), "broadcaster") - within(imported(file), "broadcaster.sandbox")
            assert ours == set(), f"{name_of(file)} knows {ours}"

    def test_only_the_commands_and_the_app_itself_know_where_parts_meet(self) -> None:
        allowed = {"broadcaster.__main__"} | {name_of(file) for file in of("broadcaster.commands")}
        for file in FILES:
            name = name_of(file)
            if name in allowed or name == "broadcaster.app":
                continue
            known = {one for one in within(imported(file), "broadcaster.app") if not _only_for_types(file, one)}
            assert known == set(), f"{name} knows {known}"


def _only_for_types(file: Path, name: str) -> bool:
    """Tell whether a module is imported under TYPE_CHECKING alone."""
    guarded: set[str] = set()
    for node in ast.walk(TREES[file]):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            guarded |= {inner.module for inner in ast.walk(node) if isinstance(inner, ast.ImportFrom) and inner.module}
    return name in guarded


class TestHowLargeAnythingMayGrow:
    def test_a_file_fits_a_readers_head(self) -> None:
        lines = {name_of(file): text.count("\n") for file, text in SOURCES.items()}
        assert {name: count for name, count in lines.items() if count > FILE_LINES_MAX} == {}

    def test_a_function_fits_a_screen_and_nine_in_ten_a_glance(self) -> None:
        lengths: dict[str, int] = {}
        for file, tree in TREES.items():
            if "migrations/versions" in str(file):
                continue  # a step that makes every table is a list, not a thought
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    lengths[f"{name_of(file)}:{node.name}:{node.lineno}"] = _body_lines(node)
        long = {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES_MAX}
        assert long == {}
        usual = sum(lines <= FUNCTION_LINES_USUAL for lines in lengths.values())
        assert usual >= 0.9 * len(lengths)


def _body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) and len(body) > 1:
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


class TestHabits:
    def test_every_import_is_at_the_top(self) -> None:
        """But for the commands, which load only what the one that is asked for needs."""
        inner = [
            f"{name_of(file)}:{node.lineno}"
            for file, tree in TREES.items()
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        assert inner == []

    def test_no_module_has_a_name_that_says_nothing(self) -> None:
        assert [name for name in sorted(NAMES) if VAGUE & set(name.split("."))] == []

    def test_every_module_says_what_it_is_for(self) -> None:
        assert [name_of(file) for file, tree in TREES.items() if not ast.get_docstring(tree)] == []

    def test_tests_replace_nothing_behind_the_codes_back(self) -> None:
        forbidden = re.compile(r"mock\.patch|monkeypatch\.set" + r"attr|unittest\.mo" + "ck")
        assert [file.name for file, text in TESTS.items() if forbidden.search(text)] == []

    def test_no_time_is_measured_against_a_limit_in_a_test_of_behaviour(self) -> None:
        """A slow machine is not a wrong one."""
        forbidden = re.compile(r"assert .*perf_counter\(\)|assert elap" + "sed")
        assert [file.name for file, text in TESTS.items() if forbidden.search(text)] == []
