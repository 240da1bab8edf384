"""``gongzheng settings SERVICE``: every variable that a service reads, with its default and its purpose."""

from collections.abc import Sequence
from importlib import import_module

import click

from gongzheng.settings import ServiceSettings


@click.command()
@click.argument("service")
def settings(service: str) -> None:
    """List the variables that SERVICE reads from its environment."""
    from gongzheng.cli import service_entry  # noqa: PLC0415 the command line imports the commands

    package = service_entry(service).module.partition(".")[0]
    for name, default, purpose in settings_class(package).table(f"{service.upper()}_"):
        click.echo(f"{name}{'=' + default if default else ''}\n    {purpose}")


def settings_markdown(services: Sequence[str]) -> str:
    """The settings of all services as a page: what every service reads once, then what each has of its own."""
    common = ServiceSettings.table("")
    parts = [
        _PAGE_HEAD,
        _table([(f"<SERVICE>_{name}", default, purpose) for name, default, purpose in common]),
    ]
    for service in services:
        prefix = f"{service.upper()}_"
        known = {f"{prefix}{name}" for name, _, _ in common}
        own = [row for row in settings_class(service).table(prefix) if row[0] not in known]
        if own:
            parts += [f"## {service}\n", _table(own)]
    return "\n".join(parts)


_PAGE_HEAD = """\
# Settings

Written by `make documents`. A service reads its environment once, when it starts, and refuses a variable with its
prefix that it does not know. Instead of `NAME`, `NAME_FILE` may name a file that holds the value, as container
secrets do. `gongzheng settings SERVICE` shows the same on the command line.

## Every service
"""


def _table(rows: Sequence[tuple[str, str, str]]) -> str:
    lines = [f"| `{name}` | {_cell(default)} | {_escaped(purpose)} |\n" for name, default, purpose in rows]
    return "".join(["| variable | default | what for |\n", "|---|---|---|\n", *lines])


def _escaped(text: str) -> str:
    """Text that Markdown shows as it stands."""
    return text.replace("<", "&lt;").replace("|", "&#124;")


def _cell(default: str) -> str:
    """A default as text, a missing one in words."""
    if default == "(required)":
        return "**must be set**"
    return f"`{default}`" if default else ""


def settings_class(package: str) -> type[ServiceSettings]:
    """The settings that a service declares in its module ``settings``, or the common ones."""
    try:
        module = import_module(f"{package}.settings")
    except ModuleNotFoundError:
        return ServiceSettings
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, ServiceSettings) and value.__module__ == module.__name__
    ]
    return own[0] if own else ServiceSettings


COMMANDS = (settings,)
