"""Puts fees together: the only place where its parts meet."""

from functools import partial

from flask import Flask

from fees.adapters import tables
from fees.adapters.unit_of_work import FeesUnitOfWork, Tools
from fees.adapters.vault import Vault
from fees.api import BLUEPRINTS
from fees.domain.errors import FeesError
from fees.domain.events import EVENT_TYPES
from fees.settings import FeesSettings
from fees.web import TEXTS, pages
from fees.worker.consumer import BINDINGS, HANDLERS, PROJECTIONS
from fees.worker.timers import timers
from gongzheng import runtime
from gongzheng.clock import Clock, SystemClock
from gongzheng.db.connect import open_database
from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import SYSTEM, Actor
from gongzheng.http import create_app
from gongzheng.messaging.envelope import Ed25519Signer, Envelope
from gongzheng.runtime import Service

NAME = "fees"
PREFIX = "FEES_"
MIGRATIONS = "fees.migrations"
DESCRIPTION = "Collects what served decisions owe. Nothing here can create an obligation or change its amount (APL 67)."


def bootstrap(settings: FeesSettings, *, clock: Clock | None = None) -> Service:
    """The service for these settings.

    Raises:
        RulesInvalid: when a rule file cites nothing or names what does not exist.
    """
    database = open_database(settings.database_url, max_connections=settings.database_connections_max)
    tables.proxy.initialize(database)
    mechanism = Mechanism(
        database=database,
        service=NAME,
        source=settings.source or settings.public_url,
        event_types=EVENT_TYPES,
        signer=Ed25519Signer(settings.signing_key_id, settings.signing_key),
        clock=clock or SystemClock(),
        relay_partitions=settings.relay_partitions,
    )
    tools = Tools(
        vault=Vault(settings.vault_key or settings.signing_key),
        public_url=settings.public_url,
        replay_window_s=settings.replay_window_s,
    )
    uow_factory = partial(_unit_of_work, mechanism, tools)
    app = create_app(
        NAME,
        mechanism=mechanism,
        blueprints=BLUEPRINTS,
        refusals=(FeesError,),
        settings=settings.http,
        uow_factory=uow_factory,
        texts=TEXTS,
        pages=(pages,),
        migrations=MIGRATIONS,
        title="Gongzheng fees",
        description=DESCRIPTION,
    )
    return Service(
        name=NAME,
        database=database,
        mechanism=mechanism,
        app=app,
        uow_factory=uow_factory,
        settings=settings,
        migrations=MIGRATIONS,
        consumer_handlers=HANDLERS,
        bindings=BINDINGS,
        projections=PROJECTIONS,
        timers=timers(partial(uow_factory, SYSTEM)),
    )


def bootstrap_from_env() -> Service:
    """The service as its environment says."""
    return bootstrap(FeesSettings.from_env(PREFIX))


def wsgi() -> Flask:
    """The application for a WSGI server: ``gunicorn "fees.bootstrap:wsgi()"``."""
    return runtime.wsgi(bootstrap_from_env)


def _unit_of_work(
    mechanism: Mechanism, tools: Tools, actor: Actor = SYSTEM, cause: Envelope | None = None
) -> FeesUnitOfWork:
    return FeesUnitOfWork(mechanism, tools, actor=actor, cause=cause)
