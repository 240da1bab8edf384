"""A service put together, and what its processes run: the application, and the worker's threads beside it."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from peewee import Database

from gongzheng.db.mechanism import Mechanism
from gongzheng.timers import Timer

UowFactory = Callable[..., Any]
Handler = Callable[[Any, Any], None]


@dataclass(kw_only=True)
class Service:
    """One service, wired by its ``bootstrap``.

    ``uow_factory(actor, cause=None)`` makes a unit of work; ``consumer_handlers`` maps event types to handlers
    ``(uow, envelope)``; ``bindings`` are the whole streams it follows, as (producer, stream); ``migrations`` is the
    package of its migrations.
    """

    name: str
    database: Database
    mechanism: Mechanism
    app: Flask
    uow_factory: UowFactory
    settings: Any
    migrations: str
    consumer_handlers: Mapping[str, Handler] = field(default_factory=dict)
    bindings: Sequence[tuple[str, str]] = ()
    timers: Sequence[Timer] = ()
    stop: threading.Event = field(default_factory=threading.Event)
