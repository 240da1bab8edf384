"""``gongzheng …``: one command line for everything; wrong input gets one clear sentence and exit status 2.

Commands stand in ``gongzheng.commands`` (each module names its own in ``COMMANDS``) and in the entry-point group
``gongzheng.commands`` of other distributions. Services stand in the group ``gongzheng.services``.
"""

import os
import pkgutil
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

import click
from peewee import InterfaceError, OperationalError

import gongzheng.commands
from gongzheng.db.migrate import MigrationError
from gongzheng.runtime import Service
from gongzheng.settings import SettingsError

USAGE = 2
_DEBUG = "GONGZHENG_DEBUG"


class _Commands(click.Group):
    """The commands of this distribution and of the others that are installed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, sorted."""
        return sorted(
            {*super().list_commands(ctx), *_own(), *(e.name for e in entry_points(group="gongzheng.commands"))}
        )

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name; only what is asked for is imported from other distributions."""
        found = super().get_command(ctx, cmd_name) or _own().get(cmd_name)
        if found is None:
            for entry in entry_points(group="gongzheng.commands", name=cmd_name):
                return _loaded(entry)
        return found


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main_group() -> None:
    """Gongzheng 公正: enforcement work of government departments, by the law."""


def main() -> None:
    """Run the command line; anything that the person who typed can mend is told in one sentence."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit status."""
    try:
        result = main_group.main(arguments, prog_name="gongzheng", standalone_mode=False)
    except click.exceptions.Exit as left:
        return left.exit_code
    except click.ClickException as error:
        return _tell(error.format_message(), error.exit_code)
    except click.Abort:
        return _tell("Stopped.", 130)
    except (SettingsError, MigrationError) as error:
        return _tell(str(error), USAGE)
    except (OperationalError, InterfaceError) as error:
        if os.environ.get(_DEBUG):
            raise
        reason = str(error).strip().splitlines()
        return _tell(f"The database cannot be reached: {reason[0] if reason else type(error).__name__}", 1)
    return result if isinstance(result, int) else 0


def _loaded(entry: EntryPoint) -> click.Command:
    """The command of another distribution; one that is broken must not take the others down with it."""
    try:
        command: click.Command = entry.load()
    except ImportError as error:
        sentence = f"the command {entry.name!r} cannot be loaded: {error}."

        def explain() -> None:
            raise click.UsageError(sentence)

        return click.Command(entry.name, callback=explain, short_help="(cannot be loaded)")
    return command


def _tell(sentence: str, status: int) -> int:
    click.echo(f"gongzheng: {sentence}", err=True)
    return status


def _own() -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    for module in pkgutil.iter_modules(gongzheng.commands.__path__, "gongzheng.commands."):
        for command in getattr(import_module(module.name), "COMMANDS", ()):
            found[command.name] = command
    return found


def service_names() -> list[str]:
    """The services that are installed here."""
    return sorted(entry.name for entry in entry_points(group="gongzheng.services"))


def service_entry(name: str) -> EntryPoint:
    """Where a service's ``bootstrap_from_env`` is.

    Raises:
        click.UsageError: when no such service is installed.
    """
    for entry in entry_points(group="gongzheng.services", name=name):
        return entry
    known = ", ".join(service_names()) or "none"
    raise click.UsageError(f"there is no service {name!r} here; installed: {known}.")


def load_service(name: str) -> Service:
    """A service, wired from its environment.

    Raises:
        click.UsageError: when no such service is installed.
        SettingsError: when its environment is not complete.
    """
    bootstrap: Callable[[], Service] = service_entry(name).load()
    return bootstrap()


if __name__ == "__main__":
    main()
