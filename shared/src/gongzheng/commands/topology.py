"""``gongzheng topology``: exchanges, queues and bindings, shown, brought to the broker, compared with what it has."""

import json
import os
from collections.abc import Iterable
from typing import TextIO

import click

from gongzheng.messaging.topology import TOPOLOGY, Topology
from gongzheng.settings import PARTITIONS_MAX

_partitions = click.option(
    "--partitions",
    "given",
    multiple=True,
    metavar="SERVICE=N",
    help="Partitions of a service; by default what <SERVICE>_PARTITIONS says here, else 1.",
)


@click.group()
def topology() -> None:
    """Show, apply or compare what the services need at the broker."""


@topology.command()
@_partitions
@click.option("--vhost", default="/", show_default=True)
def show(given: tuple[str, ...], vhost: str) -> None:
    """Print it as a definitions file without users, for `rabbitmqctl import_definitions`."""
    click.echo(json.dumps(_wanted(given).definitions(vhost=vhost), indent=1))


@topology.command()
@_partitions
@click.option("--broker", envvar="GONGZHENG_BROKER", required=True, help="Address with a user who may configure.")
def apply(given: tuple[str, ...], broker: str) -> int:
    """Declare what is missing and unbind what another number of partitions needed; no event is lost by it.

    Queues that are left over are named and kept: workers read them until they are deleted.
    """
    from gongzheng.messaging.declaring import bring_about  # noqa: PLC0415 the broker's client, for this command only
    from gongzheng.messaging.failures import Outage  # noqa: PLC0415 as above

    wanted = _wanted(given)
    try:
        left = bring_about(broker, wanted)
    except Outage as error:
        raise click.ClickException(f"{error}.") from None
    for name in sorted(wanted.follows):
        click.echo(f"{name}: {wanted.partitions_of(name)} partition(s)")
    for queue in left:
        click.echo(f"left over: {queue}; once `rabbitmqctl list_queues name messages` shows 0, delete it.")
    return 0


@topology.command()
@_partitions
@click.argument("exported", type=click.File(encoding="utf-8"))
@click.option("--vhost", default="/", show_default=True)
def compare(given: tuple[str, ...], exported: TextIO, vhost: str) -> int:
    """Compare with EXPORTED, what `rabbitmqctl export_definitions` wrote; exit status 1 when they differ."""
    try:
        found = _wanted(given).differences(json.load(exported), vhost=vhost)
    except (ValueError, KeyError, AttributeError, TypeError):
        raise click.UsageError("that is no export of definitions.") from None
    for sentence in found or ["The broker has what it should have."]:
        click.echo(sentence)
    return 1 if found else 0


def _wanted(given: Iterable[str]) -> Topology:
    wanted = TOPOLOGY
    named = {name: os.environ[key] for name in TOPOLOGY.follows if (key := f"{name.upper()}_PARTITIONS") in os.environ}
    for entry in [*(f"{name}={count}" for name, count in named.items()), *given]:
        name, _, count = entry.partition("=")
        if name not in TOPOLOGY.follows or not count.isdigit() or not 1 <= int(count) <= PARTITIONS_MAX:
            raise click.UsageError(f"{entry!r} is not SERVICE=N with one of {', '.join(sorted(TOPOLOGY.follows))}.")
        wanted = wanted.with_partitions(name, int(count))
    return wanted


COMMANDS = (topology,)
