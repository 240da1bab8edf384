"""``gongzheng migrate SERVICE``: bring a service's database to the release that is installed."""

import click

from gongzheng.db.migrate import migrate as apply_migrations
from gongzheng.db.migrate import pending


@click.command()
@click.argument("service")
@click.option("--check", is_flag=True, help="Only say what is waiting; exit status 1 when something is.")
def migrate(service: str, *, check: bool) -> int:
    """Apply the migrations that SERVICE's database still lacks."""
    from gongzheng.cli import load_service  # noqa: PLC0415 the command line imports the commands

    loaded = load_service(service)
    if check:
        waiting = pending(loaded.database, loaded.migrations)
        click.echo(f"{service}: {len(waiting)} waiting{': ' + ', '.join(waiting) if waiting else ''}")
        return 1 if waiting else 0
    done = apply_migrations(loaded.database, loaded.migrations)
    click.echo(f"{service}: {', '.join(done) if done else 'up to date'}")
    return 0


COMMANDS = (migrate,)
