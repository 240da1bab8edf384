"""Puts cases together: the only place where its parts meet."""

from functools import partial
from pathlib import Path

from flask import Flask

from cases.adapters import tables
from cases.adapters.files import FileStore
from cases.adapters.pdf import TypstRenderer
from cases.adapters.sealing import BundleSealer
from cases.adapters.unit_of_work import CasesUnitOfWork, Outside
from cases.api import BLUEPRINTS
from cases.domain.clocks import clock_rules
from cases.domain.errors import CasesError
from cases.domain.events import EVENT_TYPES
from cases.domain.table import table
from cases.settings import CasesSettings
from cases.worker.consumer import BINDINGS, HANDLERS
from cases.worker.timers import timers
from gongzheng import runtime
from gongzheng.clock import Clock, SystemClock
from gongzheng.db.connect import open_database
from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import SYSTEM, Actor
from gongzheng.http import create_app
from gongzheng.legaltime.calendar import extra_calendar
from gongzheng.messaging.envelope import Ed25519Signer, Envelope
from gongzheng.runtime import Service
from gongzheng.settings import SettingsError

NAME = "cases"
ENV_PREFIX = "CASES_"
MIGRATIONS = "cases.migrations"
DESCRIPTION = (
    "Cases from a lead to the archived dossier. A step that the law does not allow is refused, with the article."
)


def bootstrap(settings: CasesSettings, *, clock: Clock | None = None) -> Service:
    """The service for these settings.

    Raises:
        SettingsError: when there is no folder for files.
        ValueError: when a rule file names what does not exist.
    """
    if not settings.files_dir:
        raise SettingsError("CASES_FILES_DIR is not set: folder for evidence and documents.")
    table(), clock_rules()  # a fault in the rules shows at the start, not in the middle of a case
    database = open_database(settings.database_url, max_connections=settings.database_connections_max)
    tables.proxy.initialize(database)
    signer = Ed25519Signer(settings.signing_key_id, settings.signing_key)
    mechanism = Mechanism(
        database=database,
        service=NAME,
        source=settings.source or settings.public_url,
        event_types=EVENT_TYPES,
        signer=signer,
        clock=clock or SystemClock(),
        relay_partitions=settings.relay_partitions,
    )
    outside = Outside(
        files=FileStore(Path(settings.files_dir)),
        renderer=TypstRenderer(),
        sealer=BundleSealer(signer),
        calendar=extra_calendar(settings.work_calendar),
    )
    uow_factory = partial(_unit_of_work, mechanism, outside)
    app = create_app(
        NAME,
        mechanism=mechanism,
        blueprints=BLUEPRINTS,
        refusals=(CasesError,),
        settings=settings.http,
        uow_factory=uow_factory,
        migrations=MIGRATIONS,
        title="Gongzheng cases",
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
        timers=timers(
            partial(uow_factory, SYSTEM),
            warn_days_before=settings.clock_warn_days,
            every_s=settings.clock_every_s,
        ),
    )


def bootstrap_from_env() -> Service:
    """The service as its environment says."""
    return bootstrap(CasesSettings.from_env(ENV_PREFIX))


def wsgi() -> Flask:
    """The application for a WSGI server: ``gunicorn "cases.bootstrap:wsgi()"``."""
    return runtime.wsgi(bootstrap_from_env)


def _unit_of_work(
    mechanism: Mechanism, outside: Outside, actor: Actor = SYSTEM, cause: Envelope | None = None
) -> CasesUnitOfWork:
    return CasesUnitOfWork(mechanism, outside, actor=actor, cause=cause)
