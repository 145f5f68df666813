"""`audit`: verify and export the log."""

from pathlib import Path

import click

from broadcaster import audit as log
from broadcaster.audit import Event, Fault
from broadcaster.commands.wiring import Wiring


@click.group()
def audit() -> None:
    """Verify and export the append-only log."""


@audit.command()
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def verify(wiring: Wiring, folder: Path | None) -> None:
    """Say whether the log, or one exported to FOLDER, is whole; a FOLDER needs no settings and no database."""
    found = log.verify_folder(folder) if folder else log.verify(wiring.store())
    if isinstance(found, Fault):
        click.echo(f"NOT SOUND: {found}", err=True)
        raise SystemExit(1)
    click.echo(f"sound: {found} entries")


@audit.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def export(wiring: Wiring, folder: Path) -> None:
    """Write the log into FOLDER as entries.jsonl, one exact entry a line."""
    store = wiring.store()
    with store.transaction() as transaction:
        log.record(transaction, Event.LOG_EXPORTED)
    try:
        count = log.export(store, folder)
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written to: {error.strerror}; choose another folder") from error
    click.echo(f"{count} entries in {folder / 'entries.jsonl'}")
