"""``gongzheng replay SERVICE [PROJECTION]``: what follows from events alone, compared with the log or made again."""

import getpass
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.error import URLError

import click
import peewee

from gongzheng.db.unit_of_work import Actor
from gongzheng.messaging.failures import describe
from gongzheng.messaging.logs import log_at
from gongzheng.messaging.projection import Log, Projection
from gongzheng.messaging.replay import Outcome, Replay, ReplayFailed


@click.command()
@click.argument("service")
@click.argument("projection", required=False)
@click.option("--check", is_flag=True, help="Only compare; exit status 1 when something differs.")
@click.option(
    "--log",
    "places",
    multiple=True,
    metavar="PRODUCER=WHERE",
    help="A producer's log: http(s) address, database address, or file with one event per line; by default its feed.",
)
@click.option("--as", "name", default=None, help="Who acts, for the audit trail; by default the login name.")
def replay(service: str, projection: str | None, places: Sequence[str], name: str | None, *, check: bool) -> int:
    """Make PROJECTION of SERVICE again from the log, while its events keep arriving; without a name: list them."""
    from gongzheng.cli import load_service  # noqa: PLC0415 the command line imports the commands
    from gongzheng.runtime import consumer_of  # noqa: PLC0415 as above

    loaded = load_service(service)
    if projection is None:
        return _list(service, loaded.projections)
    wanted = _named(service, loaded.projections, projection)
    who = name or getpass.getuser()
    work = Replay(consumer_of(loaded), wanted, _logs(loaded, wanted, _given(places)))
    try:
        outcome = work.run(check=check, actor=Actor(subject=f"operator:{who}", name=who))
    except ReplayFailed as failed:
        raise click.ClickException(f"{service} {projection}: {failed}. Nothing was changed.") from None
    except (URLError, OSError, peewee.DatabaseError) as error:
        raise click.ClickException(f"{service} {projection}: {describe(error)}. Nothing was changed.") from None
    return _tell(service, wanted, outcome, check=check)


def _list(service: str, projections: Sequence[Projection]) -> int:
    if not projections:
        click.echo(f"{service} has no table that follows from events alone: nothing can be replayed.")
    for each in projections:
        how = "" if each.rewritable else " (--check only: the database keeps it as it was written)"
        click.echo(f"{each.name}: {', '.join(each.tables)}{how}")
    return 0


def _named(service: str, projections: Sequence[Projection], name: str) -> Projection:
    for each in projections:
        if each.name == name:
            return each
    raise click.UsageError(f"{service} has no projection {name!r}; `gongzheng replay {service}` lists them.")


def _given(places: Sequence[str]) -> dict[str, str]:
    found = dict(place.partition("=")[::2] for place in places)
    if not all(found.values()):
        raise click.UsageError("--log takes PRODUCER=WHERE, such as cases=https://cases.example.")
    return found


def _logs(service: Any, projection: Projection, given: Mapping[str, str]) -> list[tuple[str | None, Log]]:
    if projection.log is not None:
        return [(None, projection.log)]
    found: list[tuple[str | None, Log]] = []
    for producer, stream in projection.follows:
        where = given.get(producer) or (service.settings.feeds or {}).get(producer)
        if not where:
            raise click.UsageError(
                f"where is the log of {producer}? Give --log {producer}=WHERE or set {service.name.upper()}_FEEDS."
            )
        try:
            found.append((producer, log_at(where, stream, service.settings.feed_token_file)))
        except (OSError, ValueError) as error:
            raise click.UsageError(f"the log {where!r} cannot be read: {error}.") from None
    return found


def _tell(service: str, projection: Projection, outcome: Outcome, *, check: bool) -> int:
    for table in outcome.differences:
        click.echo(
            f"{service} {table.table}: {table.rows} rows, {table.expected} expected; {table.missing} missing or wrong,"
            f" {table.unexpected} unexpected or wrong"
        )
    end = "as the log says" if outcome.equal else "replaced" if outcome.replaced else "differs from the log"
    click.echo(f"{service} {projection.name}: {outcome.events} events, {end}.")
    return 1 if check and not outcome.equal else 0


COMMANDS = (replay,)
