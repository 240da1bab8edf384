"""``gongzheng settings SERVICE``: every variable that a service reads, with its default and its purpose."""

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
