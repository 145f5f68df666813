"""The `broadcaster` command."""

import os
import sys
from collections.abc import Mapping
from importlib import import_module

import click
from sqlalchemy.exc import OperationalError

from broadcaster.commands.wiring import Wiring
from broadcaster.errors import Unfit

#: Where each command lives. Only the one that is asked for is loaded, so that a process that died is back sooner.
COMMANDS: Mapping[str, str] = {
    "init": "broadcaster.commands.setting_up",
    "serve": "broadcaster.commands.running",
    "web": "broadcaster.commands.running",
    "work": "broadcaster.commands.running",
    "public": "broadcaster.commands.running",
    "sandbox": "broadcaster.commands.imitating",
    "demo": "broadcaster.commands.demo",
    "migrate": "broadcaster.commands.setting_up",
    "check": "broadcaster.commands.setting_up",
    "rehearse": "broadcaster.commands.rehearsing",
    "backup": "broadcaster.commands.setting_up",
    "healthcheck": "broadcaster.commands.setting_up",
    "playbooks": "broadcaster.commands.wordings",
    "users": "broadcaster.auth.commands",
    "keys": "broadcaster.auth.commands",
    "audit": "broadcaster.commands.log",
}


class _Commands(click.Group):
    """A group that loads a command when it is asked for."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command = getattr(import_module(COMMANDS[name]), name)
        return command if isinstance(command, click.Command) else None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def cli(context: click.Context) -> None:
    """Say pre-approved crisis messages on every channel at once, and be able to prove it."""
    context.obj = Wiring()
    context.call_on_close(context.obj.close)


def main() -> None:
    """Run the command. Exit 0 is good, 1 is trouble found, 2 is wrong usage."""
    os.umask(0o077)  # databases, exports and copies hold names and hashes: nobody else on the host reads them
    try:
        cli.main(prog_name="broadcaster", standalone_mode=True)
    except Unfit as error:
        click.echo(f"broadcaster: {error}", err=True)
        sys.exit(1)
    except OperationalError as error:
        click.echo(f"broadcaster: the database did not answer, so nothing was changed: {error.orig}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
