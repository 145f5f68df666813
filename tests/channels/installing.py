"""Another developer's package, installed beside the broadcaster for one process: modules and their metadata."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "adding-a-channel.md").read_text("utf-8")


def files_of(page: str) -> dict[str, str]:
    """Return the files a page shows: code blocks whose first line is `# file: <name>`."""
    blocks = re.findall(r"^```[a-z]+\n# file: (\S+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return dict(blocks)


def install(folder: Path, files: Mapping[str, str]) -> Path:
    """Put the files into `folder`, with the metadata that an installer makes of `pyproject.toml`; return `folder`."""
    project = tomllib.loads(files["pyproject.toml"])["project"]
    for name, text in files.items():
        if name.endswith(".py"):
            (folder / name).write_text(text, "utf-8")
    facts = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n", "utf-8"
    )
    groups = [
        "\n".join([f"[{group}]", *(f"{name} = {value}" for name, value in points.items()), ""])
        for group, points in project["entry-points"].items()
    ]
    (facts / "entry_points.txt").write_text("\n".join(groups), "utf-8")
    return folder


def run_with(
    folder: Path, *words: str, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python with what is installed in `folder`, and without anybody's settings but `environ`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BROADCASTER_")}
    return subprocess.run(
        [sys.executable, *words],
        env={**kept, **(environ or {}), "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
