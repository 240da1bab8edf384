"""``gongzheng lanes``: what waits in parked lanes, and operators' decisions about it; ``gongzheng republish``."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from gongzheng.db.mechanism import iso
from gongzheng.messaging.failures import Outage
from gongzheng.messaging.lanes import Lanes
from gongzheng.messaging.parked import NoSuchLane, ParkedLane
from gongzheng.messaging.republish import republish as send_again
from gongzheng.messaging.skips import SkipRefused, Skips
from gongzheng.messaging.who import OPERATOR_ROLE, operator

_LIMIT_MAX = 1000


@click.group()
def lanes() -> None:
    """Lanes whose events wait: list and show them, retry them now, or skip an event, which takes two people."""


@lanes.command("list")
@click.argument("service")
@click.option("--limit", type=click.IntRange(1, _LIMIT_MAX), default=100, show_default=True, help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
def list_(service: str, limit: int, *, as_json: bool) -> None:
    """List SERVICE's parked lanes, those that wait longest first."""
    found = _lanes_of(service).overview(limit)
    if as_json:
        for lane in found:
            click.echo(json.dumps(asdict(lane), ensure_ascii=False))
    elif found:
        Console().print(_table(found))
    else:
        click.echo(f"{service}: nothing waits.")


@lanes.command()
@click.argument("service")
@click.argument("lane")
@click.option("--bodies", is_flag=True, help="Also the events themselves, which may name people.")
def show(service: str, lane: str, *, bodies: bool) -> None:
    """Show the events that wait in LANE of SERVICE, in order, one JSON object per line."""
    try:
        found = _lanes_of(service).show(lane)
    except NoSuchLane:
        raise _nothing_waits(service, lane) from None
    for event in found:
        fields = asdict(event)
        if not bodies:
            del fields["body"]
        click.echo(json.dumps(fields, ensure_ascii=False))


@lanes.command()
@click.argument("service")
@click.argument("lane")
def retry(service: str, lane: str) -> int:
    """Try LANE of SERVICE now, in order, whatever its schedule says; exit status 1 when something still waits."""
    machine = _lanes_of(service)
    try:
        done = machine.retry(lane)
    except NoSuchLane:
        raise _nothing_waits(service, lane) from None
    return _report(machine, lane, done)


def _who(command: Callable[..., Any]) -> Callable[..., Any]:
    """The two options that say who acts."""
    token = click.option(
        "--token",
        envvar="GONGZHENG_OPERATOR_TOKEN",
        show_envvar=True,
        default=None,
        help=f"Access token of who acts, with the role {OPERATOR_ROLE}. Better in the environment than here.",
    )
    name = click.option("--as", "name", default=None, help="Embedded mode without a token: who acts, else the login.")
    return token(name(command))


@lanes.command()
@click.argument("service")
@click.argument("lane")
@click.option("--reason", required=True, help="Why; it stays in the audit trail.")
@_who
def skip(service: str, lane: str, reason: str, token: str | None, name: str | None) -> None:
    """Ask to let LANE of SERVICE go on without its first waiting event; another person must confirm it."""
    loaded, machine = _loaded(service)
    actor = operator(loaded, token, name)
    try:
        made = Skips(machine).request(lane, reason, actor)
    except NoSuchLane:
        raise _nothing_waits(service, lane) from None
    except SkipRefused as refusal:
        raise click.UsageError(f"{refusal}.") from None
    click.echo(
        f"{lane}: asked by {made.requested_by} to go on without event {made.sequence} ({made.event_id or 'no id'}) or"
        f" what is missing before it. Another person confirms it until {made.expires_at:%Y-%m-%d %H:%M} UTC:"
        f" gongzheng lanes confirm {service} '{lane}'"
    )


@lanes.command()
@click.argument("service")
@click.argument("lane")
@_who
def confirm(service: str, lane: str, token: str | None, name: str | None) -> int:
    """Do the skip in LANE of SERVICE that somebody else asked for; exit status 1 when something still waits."""
    loaded, machine = _loaded(service)
    actor = operator(loaded, token, name)
    try:
        done = Skips(machine).confirm(lane, actor)
    except NoSuchLane:
        raise _nothing_waits(service, lane) from None
    except SkipRefused as refusal:
        raise click.UsageError(f"{refusal}.") from None
    return _report(machine, lane, done)


@lanes.command()
@click.argument("service")
def requests(service: str) -> None:
    """List the skips in SERVICE that somebody asked for and nobody has confirmed, one JSON object per line."""
    for request in Skips(_lanes_of(service)).pending():
        click.echo(json.dumps(asdict(request) | {"expires_at": iso(request.expires_at)}, ensure_ascii=False))


@click.command()
@click.argument("service")
@click.option("--after", type=click.IntRange(min=0), default=0, show_default=True, help="Position in the log.")
def republish(service: str, after: int) -> int:
    """Send SERVICE's published events again, in order, for consumers that lost a queue; nobody counts one twice."""
    from gongzheng.cli import load_service  # noqa: PLC0415 the command line imports the commands
    from gongzheng.messaging.amqp import AmqpPublisher  # noqa: PLC0415 the broker's client: only here

    loaded = load_service(service)
    if not loaded.settings.amqp_url:
        raise click.UsageError(f"{service} has no broker: {service.upper()}_AMQP_URL is not set.")
    reached = [after]
    try:
        with AmqpPublisher(loaded.settings.amqp_url, service) as publisher:
            sent = send_again(loaded.mechanism, publisher, after=after, progress=reached.append)
    except (Outage, TimeoutError) as trouble:
        click.echo(f"{service}: stopped ({trouble}); go on with --after {reached[-1]}.", err=True)
        return 1
    click.echo(f"{service}: {sent} events sent again, up to position {reached[-1]}.")
    return 0


def _lanes_of(service: str) -> Lanes:
    return _loaded(service)[1]


def _loaded(service: str) -> tuple[Any, Lanes]:
    from gongzheng.cli import load_service  # noqa: PLC0415 the command line imports the commands
    from gongzheng.runtime import consumer_of  # noqa: PLC0415 as above

    loaded = load_service(service)
    return loaded, Lanes(consumer_of(loaded))


def _nothing_waits(service: str, lane: str) -> click.UsageError:
    return click.UsageError(f"nothing waits in the lane {lane!r} of {service}; see `gongzheng lanes list {service}`.")


def _report(machine: Lanes, lane: str, done: int) -> int:
    left = next((found for found in machine.overview(_LIMIT_MAX) if found.lane == lane), None)
    rest = "nothing waits any more" if left is None else f"{left.waiting} still waiting ({left.reason}: {left.error})"
    click.echo(f"{lane}: {done} took effect, {rest}.")
    return 0 if left is None else 1


def _table(found: list[ParkedLane]) -> Table:
    table = Table("lane", "waiting", "first", "type", "reason", "error", "attempts", "next attempt")
    for lane in found:
        cells = (
            lane.lane,
            lane.waiting,
            lane.sequence,
            lane.type or "",
            lane.reason,
            lane.error or "",
            lane.attempts,
            lane.next_attempt_at or "by an operator",
        )
        table.add_row(*map(str, cells))
    return table
