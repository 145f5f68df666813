"""`playbooks print --into`: the folder for paper and a USB stick, with what settings and database know of it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy.exc import OperationalError

from broadcaster import app, approval
from broadcaster.approval import Approval
from broadcaster.commands.wiring import Wiring
from broadcaster.errors import Language, Refusal, Unfit
from broadcaster.paper import FILES_BEGIN, Region, print_folder
from broadcaster.playbook import Snapshot


def write_folder(wiring: Wiring, chosen: Sequence[Snapshot], folder: Path, language: Language) -> None:
    """Write the pages and name each file. Raises `ClickException` when the folder cannot be written."""
    now = datetime.now(UTC)
    if wiring.environ.get("BROADCASTER_CONFIG"):
        approvals = _approvals(wiring, chosen)
        region = Region.of(wiring.settings, now, approvals)
    else:
        approvals = {}
        region = Region(chosen[0].organisation if chosen else "", now, ZoneInfo("Europe/Stockholm"))
    try:
        files = print_folder(folder, chosen, region, templates=app.resource("templates"), language=language)
        older = sorted(set(folder.glob(f"{FILES_BEGIN}*.html")) - set(files))
    except OSError as error:
        lost = f"{folder} cannot be written ({error.strerror}) and may hold half a printing: choose another folder"
        raise click.ClickException(lost) from error
    for file in files:
        click.echo(str(file))
    for file in older:
        click.echo(f"{file} is of an earlier printing and was left alone: delete it if nobody needs it", err=True)
    for one in chosen:
        found = approvals.get(one.digest)
        if found and found.state != "approved":
            click.echo(f"{one.id} is {found.state}: each of its sheets says that it must not be sent", err=True)
    if not approvals:
        click.echo("approvals could not be read: no sheet says whether its words are approved", err=True)


def _approvals(wiring: Wiring, chosen: Sequence[Snapshot]) -> Mapping[str, Approval]:
    """Return how each stands; nothing when the database is out of reach, which is when paper is needed most."""
    try:
        with wiring.store().reading() as transaction:
            return {one.digest: approval.status(transaction, one.digest) for one in chosen}
    except (Unfit, Refusal, OperationalError):
        return {}
