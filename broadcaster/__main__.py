"""The `broadcaster` command."""

import sys

import click

from broadcaster.auth.commands import keys, users
from broadcaster.commands.demo import demo
from broadcaster.commands.log import audit
from broadcaster.commands.running import public, sandbox, serve, web, work
from broadcaster.commands.setting_up import backup, check, healthcheck, init, migrate
from broadcaster.commands.wiring import Wiring
from broadcaster.commands.wordings import playbooks
from broadcaster.errors import Unfit


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def cli(context: click.Context) -> None:
    """Say pre-approved crisis messages on every channel at once, and be able to prove it."""
    context.obj = Wiring()


for command in (
    init, serve, web, work, public, sandbox, demo, migrate, check, backup, healthcheck, playbooks, users, keys, audit
):  # fmt: skip
    cli.add_command(command)


def main() -> None:
    """Run the command. Exit 0 is good, 1 is trouble found, 2 is wrong usage."""
    try:
        cli.main(prog_name="broadcaster", standalone_mode=True)
    except Unfit as error:
        click.echo(f"broadcaster: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
