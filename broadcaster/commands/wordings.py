"""`playbooks`: read, approve and revoke the words."""

from collections.abc import Iterator
from pathlib import Path

import click
from sqlalchemy.exc import OperationalError

from broadcaster import amendment, approval
from broadcaster.auth.commands import read_password
from broadcaster.auth.people import check_password
from broadcaster.commands.changes import changes
from broadcaster.commands.printing import write_folder
from broadcaster.commands.vouching import sign
from broadcaster.commands.wiring import Wiring
from broadcaster.editors import APPROVERS_NEEDED
from broadcaster.errors import Forbidden, Forged, Language, Refusal, Text, Unfit
from broadcaster.inspection import Inspected, Longest, inspect
from broadcaster.playbook import PHASES, Fill, Playbooks, Snapshot, Stamp
from broadcaster.proof import load_snapshot
from broadcaster.schema import FILES, schemas
from broadcaster.seen import ELSEWHERE, GROUPS
from broadcaster.shelf import Version, troubles
from broadcaster.store import Transaction
from broadcaster.wording import RULES

#: Three cells of 32 characters: enough for the longest name of a channel, within 100 columns.
CELLS_IN_A_ROW = 3


@click.group()
def playbooks() -> None:
    """Read, approve and revoke playbooks."""


playbooks.add_command(sign)


@playbooks.command("check")
@click.pass_obj
def check_playbooks(wiring: Wiring) -> None:
    """Say whether every playbook is sound: a table, then every warning and fault with file, line and reason."""
    sound, faults = inspect(wiring.playbook_folder, **_who_speaks(wiring))
    click.echo("\n".join(_table(sound)) + "\n" if sound else "", nl=False)
    for warning in dict.fromkeys(str(found) for one in sound for found in one.warnings):
        click.echo(warning)
    for fault in faults:
        click.echo(str(fault))
    if faults:
        click.echo(f"{len(faults)} to mend: nothing starts from this folder before")
        raise SystemExit(1)
    disagreeing = list(_disagreeing(wiring))
    if disagreeing:
        click.echo("\n".join(disagreeing))
        raise SystemExit(1)
    pictures = len({sha256 for one in sound for sha256 in one.pictures})
    shown = f", and so {'is 1 picture' if pictures == 1 else f'are {pictures} pictures'}" if pictures else ""
    click.echo(f"{len(sound)} playbooks are sound{shown}")


@playbooks.command("schema")
@click.argument("name", type=click.Choice([file.removesuffix(".json") for file in FILES]), default="playbook")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), help="Write all to this folder instead.")
def print_schema(name: str, into: Path | None) -> None:
    """Print the form of a playbook, the register or their translations as JSON Schema, for editors."""
    made = schemas()
    if into is None:
        click.echo(made[f"{name}.json"], nl=False)
        return
    into.mkdir(parents=True, exist_ok=True)
    for file, text in made.items():
        (into / file).write_text(text, "utf-8")
        click.echo(f"{into / file}")


@playbooks.command("list")
@click.pass_obj
def list_playbooks(wiring: Wiring) -> None:
    """List playbooks with version and approval."""
    with wiring.store().reading() as transaction:
        for one in wiring.parts.playbooks.within(transaction).all():
            found = approval.status(transaction, one.digest)
            until = found.expires_at.date().isoformat() if found.expires_at else "-"
            by = ", ".join(found.by) or "-"
            click.echo(f"{one.id}\tversion {one.version}\t{found.state}\tby {by}\tuntil {until}")
            waiting = wiring.parts.playbooks.within(transaction).proposed(one.id)
            if waiting is not None and waiting.made is not None:
                click.echo(f"{one.id}\tversion {waiting.number}\tproposed\tby {waiting.made.editor}\tnot in force")


@playbooks.command("show")
@click.argument("playbook_id", metavar="ID")
@click.option("--changes", "only_changes", is_flag=True, help="Only what changed since the last approved version.")
@click.pass_obj
def show_playbook(wiring: Wiring, playbook_id: str, only_changes: bool) -> None:
    """Show a playbook's words and digest, or word by word what changed since the last approved version."""
    one = _known(wiring.parts.playbooks, playbook_id)
    with wiring.store().reading() as transaction:
        found = approval.status(transaction, one.digest)
        changed = list(changes(transaction, one)) if only_changes else []
    click.echo(f"{one.id} version {one.version} {one.digest} {found.state}")
    if only_changes:
        click.echo("\n".join(changed))
    else:
        _print_words(one)


@playbooks.command("print")
@click.argument("playbook_ids", metavar="[ID]...", nargs=-1)
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), help="Write A4 pages to this folder instead.")
@click.option("--language", type=click.Choice(["sv", "en"]), default="sv", help="Of the pages around the words.")
@click.pass_obj
def print_playbooks(wiring: Wiring, playbook_ids: tuple[str, ...], into: Path | None, language: Language) -> None:
    """Print playbooks to read on paper; needs no settings and no database.

    With --into: pages for paper and a USB stick that open without a server or a network.
    """
    loaded = _load(wiring)
    chosen = [_known(loaded, one) for one in dict.fromkeys(playbook_ids)] or list(loaded.all())
    if into is not None:
        write_folder(wiring, chosen, into, language)
        return
    for one in chosen:
        click.echo(f"# {one.title.sv} ({one.id}, version {one.version})\n{one.digest}\n")
        _print_words(one)


@playbooks.command("export")
@click.argument("playbook_id", metavar="ID")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), help="Write ID.toml to this folder instead.")
@click.option("--proposed", is_flag=True, help="The change that waits for approval, instead of the words in force.")
@click.pass_obj
def export_playbook(wiring: Wiring, playbook_id: str, into: Path | None, proposed: bool) -> None:
    """Print a playbook as its file would be, to the byte, with what was changed in the desk."""
    with wiring.store().reading() as transaction:
        text = _version(wiring, transaction, playbook_id, proposed).text
    if into is None:
        click.echo(text, nl=False)
        return
    file = into / f"{playbook_id}.toml"
    try:
        into.mkdir(parents=True, exist_ok=True)
        beside = file.with_suffix(".toml.new")
        beside.write_bytes(text)
        beside.replace(file)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written ({error.strerror}): choose another folder") from error
    click.echo(str(file))


@playbooks.command("approve")
@click.argument("playbook_id", metavar="ID")
@click.option("--as", "person", required=True, metavar="NAME", help="Who approves; that person's password is asked.")
@click.option("--proposed", is_flag=True, help="The change that waits for approval, instead of the words in force.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.pass_obj
def approve_playbook(
    wiring: Wiring, playbook_id: str, person: str, proposed: bool, password_stdin: bool
) -> None:
    """Approve exactly the words in force now. Two different people must, neither the last editor."""
    name = _approver(wiring, person, password_stdin)
    with wiring.store().transaction() as transaction:
        try:
            chosen = _version(wiring, transaction, playbook_id, proposed)
            one = chosen.snapshot
            if one is None:
                raise click.ClickException(f"the words cannot be used: {'; '.join(map(str, chosen.faults))}")
            if chosen.made is not None:
                found = amendment.approve(transaction, chosen.made, one, name)
            else:
                found = approval.approve(transaction, one, name)
        except Refusal as error:
            raise click.ClickException(error.detail.en) from error
    missing = APPROVERS_NEEDED - len(found.by)
    note = f"; {missing} more needed" if missing > 0 else ""
    click.echo(f"{one.id} version {one.version} {found.state} (by {', '.join(found.by)}{note})")


@playbooks.command("revoke")
@click.argument("playbook_id", metavar="ID")
@click.option("--as", "person", required=True, metavar="NAME", help="Who revokes; that person's password is asked.")
@click.option("--digest", help="Exactly these words, of a version that is no longer in the file: sha256:…")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.pass_obj
def revoke_playbook(
    wiring: Wiring, playbook_id: str, person: str, digest: str | None, password_stdin: bool
) -> None:
    """Take the approval of the words in force back, for good; nothing more is sent in them."""
    name = _approver(wiring, person, password_stdin)
    with wiring.store().transaction() as transaction:
        try:
            one = load_snapshot(transaction, digest) if digest else _in_force(wiring, transaction, playbook_id)
            if one.id != playbook_id:
                raise click.ClickException(f"these words are of {one.id}, not of {playbook_id}; nothing was changed")
            approval.revoke(transaction, one.digest, name)
        except Forged as error:
            raise click.ClickException(f"{error}; nothing was changed. The log names what was approved") from error
        except Refusal as error:
            raise click.ClickException(error.detail.en) from error
    click.echo(f"{one.id} version {one.version} revoked")


def _version(wiring: Wiring, transaction: Transaction, playbook_id: str, proposed: bool) -> Version:
    standing = wiring.parts.playbooks.within(transaction)
    _known(standing, playbook_id)
    found = standing.proposed(playbook_id) if proposed else standing.in_force(playbook_id)
    if found is None:
        raise click.ClickException(f"no change of {playbook_id} waits for approval; leave out --proposed")
    return found


def _in_force(wiring: Wiring, transaction: Transaction, playbook_id: str) -> Snapshot:
    return _known(wiring.parts.playbooks.within(transaction), playbook_id)


def _disagreeing(wiring: Wiring) -> Iterator[str]:
    """Yield where file and database say different things; nothing where there is no database to ask."""
    if not wiring.environ.get("BROADCASTER_CONFIG"):
        return
    try:
        with wiring.store().reading() as transaction:
            yield from troubles(wiring.parts.playbooks.within(transaction))
    except (Unfit, Refusal, OperationalError) as error:
        click.echo(f"what was changed in the desk could not be read ({error}): only the files were checked", err=True)


def _approver(wiring: Wiring, person: str, password_stdin: bool) -> str:
    password = read_password(password_stdin, confirm=False)
    try:
        found = check_password(wiring.store(), person, password, "command line")
        if "approver" not in found.roles:
            needed = Text("Rollen approver behövs.", "The role approver is needed: ask an administrator.")
            raise Forbidden("role-missing", needed)
    except Refusal as error:
        raise click.ClickException(error.detail.en) from error
    return found.name


def _load(wiring: Wiring) -> Playbooks:
    if wiring.environ.get("BROADCASTER_CONFIG"):
        try:
            with wiring.store().reading() as transaction:
                return Playbooks(wiring.parts.playbooks.within(transaction).all())
        except (Unfit, Refusal, OperationalError) as error:  # paper is needed most when the database is out of reach
            click.echo(f"the database cannot be read ({error}): these are the words of the files", err=True)
            return wiring.parts.playbooks.files
    return Playbooks.load(wiring.playbook_folder, **_who_speaks(wiring))


def _who_speaks(wiring: Wiring) -> dict[str, str]:
    """Return the name that stands in every text, and so counts in every length; an example's without settings."""
    if not wiring.environ.get("BROADCASTER_CONFIG"):
        return {"organisation": "Region Exempel", "timezone": "Europe/Stockholm"}
    organisation = wiring.settings.organisation
    return {"organisation": organisation.name, "timezone": organisation.timezone}


def _known(loaded: Playbooks, playbook_id: str) -> Snapshot:
    found = loaded.get(playbook_id)
    if found is None:
        known = ", ".join(one.id for one in loaded.all())
        raise click.ClickException(f"no playbook {playbook_id}; there are: {known}")
    return found


def _table(sound: list[Inspected]) -> list[str]:
    """Return a table of at most 100 columns: a line a playbook, and below it how long its texts can become."""
    widest = max(len(one.id) for one in sound)
    row = f"{{:{max(widest, 8)}}}  {{:15}} {{:34}} {{:>7}} {{:>8}}"
    lines = [row.format("playbook", "phases", "languages", "rules", "warnings")]
    for one in sound:
        missing = [phase for phase in PHASES if phase not in one.phases]
        phases = f"no {', '.join(missing)}" if missing else f"all {len(PHASES)}"
        rules, count = f"{one.passed}/{len(RULES)}", len(one.warnings)
        languages = " ".join([*one.languages, *(f"({tongue})" for tongue in one.waiting)])
        lines.append(row.format(one.id, phases, languages, rules, count))
        cells = [f"{channel} {_fits(longest)}" for channel, longest in one.longest.items()]
        for start in range(0, len(cells), CELLS_IN_A_ROW):
            lines.append("  " + "".join(f"{cell:32}" for cell in cells[start : start + CELLS_IN_A_ROW]).rstrip())
    unsigned = "In brackets: nobody who knows the language has signed its words; no message says them."
    below = [unsigned] if any(one.waiting for one in sound) else []
    told = "Below each playbook: how long its texts can become at worst, of what the channel holds."
    return [*lines, told, *below, ""]


def _fits(longest: Longest) -> str:
    return f"{longest.size}/{longest.limit} {longest.unit}".rstrip()


def _print_words(one: Snapshot) -> None:
    stamp: Stamp | None = None
    sorted_as = (f"{name}: {', '.join([said] if isinstance(said, str) else said)}" for name, said in one.cap if said)
    click.echo(f"--- Seen as · {', '.join(GROUPS[key].name.sv for key in one.seen or (ELSEWHERE,))}")
    click.echo(f"--- CAP 1.2 · {'; '.join(sorted_as)}\n")
    for phase in (phase for phase in PHASES if phase in one.phases):
        fill = Fill(phase=phase, mode="live", blanks={})
        for channel in one.channels:
            for language in one.languages_of(channel, phase):
                click.echo(f"--- {phase} · {channel} · {language}\n")
                click.echo(one.render(fill, channel, language, stamp) + "\n")
                for shown in one.pictures(phase, channel, language, "live"):
                    click.echo(f"[picture {shown.width} × {shown.height}, {shown.name}: {shown.alt}]\n")
