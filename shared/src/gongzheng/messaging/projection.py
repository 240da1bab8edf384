"""Projections: tables of a service that follow from events alone, and so can be made again from the producers' logs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gongzheng.messaging.envelope import Envelope

Log = Callable[[Any], tuple[list[str], Any]]
"""A log read in pages: (cursor, None at first) → the bodies that follow, in order, and the cursor to go on from.

Within each aggregate the order is that of its sequence. An empty page is the end for now; asking again later may give
more.
"""


@dataclass(frozen=True, kw_only=True)
class Projection:
    """What one or more tables hold because of events, and of nothing else.

    ``tables`` stand with those that others refer to first. ``handlers`` map event types (or ``EVERY_TYPE``) to
    functions of (unit of work, envelope) that write these tables and do nothing else: they emit nothing, audit nothing
    and write no other table. ``follows`` are the streams, as (producer, stream), in whose logs all those events are;
    where order between aggregates matters, ``log`` is the service's own record of them in the order in which they took
    effect.

    ``rewritable`` is False where the database itself keeps the tables from being altered: such a projection can be
    compared with the log and never replaced.
    """

    name: str
    tables: tuple[str, ...]
    handlers: Mapping[str, Callable[[Any, Envelope], object]]
    follows: Sequence[tuple[str, str]] = ()
    log: Log | None = None
    rewritable: bool = True
