"""`sandbox`: the imitation services on their own."""

import json
import signal
import threading
from pathlib import Path
from typing import Any

import click

from broadcaster.kinds import INSTALLED
from broadcaster.sandbox import Sandbox, ScriptError
from broadcaster.supervisor import stop_with_parent


@click.command()
@click.option("--port", default=8001, show_default=True, help="Where to listen on 127.0.0.1; 0 takes a free port.")
@click.option("--seed", default=0, show_default=True, help="For everything the imitations leave to chance.")
@click.option("--script", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Faults from the start.")
@click.option("--smtp-port", type=int, help="Take letters here too, for e-mail; 0 takes a free port.")
def sandbox(port: int, seed: int, script: Path | None, smtp_port: int | None) -> None:
    """Run the imitation Facebook, 1177, phone gateway, 46elks and mailbox."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    stop_with_parent()
    try:
        more = {name: kind.imitation() for name, kind in INSTALLED.plugged.items() if callable(kind.imitation)}
        imitations = Sandbox(port=port, seed=seed, script=_rules(script), services=more, smtp_port=smtp_port)
    except (ScriptError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"sandbox {imitations.start()}")
    if imitations.smtp_port is not None:
        click.echo(f"smtp 127.0.0.1:{imitations.smtp_port}")
    over.wait()
    imitations.close()


def _rules(script: Path | None) -> dict[str, Any] | None:
    if script is None:
        return None
    try:
        rules: dict[str, Any] = json.loads(script.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{script}: not a script of faults: {error}") from error
    return rules
