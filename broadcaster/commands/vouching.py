"""`playbooks sign`: somebody who knows a language vouches for a translation of exactly the Swedish that stands now."""

from pathlib import Path
from typing import TypeVar

import click

from broadcaster import faithful
from broadcaster.commands.wiring import Wiring
from broadcaster.errors import Unsound
from broadcaster.manuscript import Playbook, Source
from broadcaster.translation import Translation

_Kind = TypeVar("_Kind", Playbook, Translation)


@click.command("sign")
@click.argument("language")
@click.argument("playbook_ids", metavar="ID...", nargs=-1, required=True)
@click.option("--by", metavar="'NAME, FUNCTION, DATE'", help="Who has read it. Without: whoever signed it before.")
@click.pass_obj
def sign(wiring: Wiring, language: str, playbook_ids: tuple[str, ...], by: str | None) -> None:
    """Sign translations for the Swedish in the playbooks' files; needs no settings and no database.

    What was changed in the desk comes to the file first: playbooks export ID --into playbooks.
    """
    folder = wiring.playbook_folder
    for playbook_id in playbook_ids:
        file = folder / language / f"{playbook_id}.toml"
        playbook = _read(folder / f"{playbook_id}.toml", Playbook)
        words = _read(file, Translation)
        who = by or words.signed
        if not who:
            raise click.UsageError(f"nobody has signed {file} yet: say who has read it with --by")
        digest = faithful.digest_of(playbook, words)
        try:
            made = faithful.signed(file.read_text("utf-8"), who, digest)
        except ValueError as error:
            raise click.ClickException(f"{file}: {error}") from error
        beside = file.with_suffix(".toml.new")
        beside.write_text(made, "utf-8")
        beside.replace(file)
        click.echo(f"{file} signed by {who} for {digest}")


def _read(file: Path, kind: type[_Kind]) -> _Kind:
    try:
        found, faults = Source(file).read(kind)
    except Unsound as fault:
        raise click.ClickException(str(fault)) from fault
    if found is None:
        raise click.ClickException("; ".join(map(str, faults)))
    return found
