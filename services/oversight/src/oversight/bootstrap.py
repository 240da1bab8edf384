"""Puts oversight together: the only place where its parts meet."""

import tomllib
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask

from gongzheng import runtime
from gongzheng.clock import Clock, SystemClock
from gongzheng.db.connect import open_database
from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import SYSTEM
from gongzheng.http import create_app
from gongzheng.legaltime import default_calendar, extra_calendar
from gongzheng.messaging.envelope import Ed25519Signer
from gongzheng.runtime import Service
from oversight.adapters import tables
from oversight.adapters.codes import CodeBook
from oversight.adapters.unit_of_work import OversightUnitOfWork, Tools
from oversight.adapters.vault import Vault
from oversight.api import BLUEPRINTS
from oversight.domain import events
from oversight.domain.errors import OversightError
from oversight.domain.filing import Thresholds
from oversight.settings import OversightSettings
from oversight.web import TEXTS, pages
from oversight.worker.consumer import BINDINGS, HANDLERS, PROJECTIONS
from oversight.worker.timers import timers

NAME = "oversight"
PREFIX = "OVERSIGHT_"
MIGRATIONS = "oversight.migrations"
EVENT_TYPES: Mapping[type, str] = {
    kind: f"cn.gongzheng.oversight.{name}.v1"
    for kind, name in {
        events.ComplaintReceived: "complaint.received",
        events.ComplaintAccepted: "complaint.accepted",
        events.ComplaintRetained: "complaint.retained",
        events.ComplaintRejected: "complaint.rejected",
        events.ComplaintExtended: "complaint.extended",
        events.ComplaintRescheduled: "complaint.rescheduled",
        events.ComplaintResolved: "complaint.resolved",
        events.FilingRecorded: "filing.recorded",
        events.InactionOpened: "inaction.opened",
        events.ConductOpened: "conduct.opened",
    }.items()
}


def bootstrap(settings: OversightSettings, *, clock: Clock | None = None) -> Service:
    """The service for these settings.

    Raises:
        FilingThresholdMissing: the operator's thresholds lack a sum or a citation.
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
    uow_factory = partial(_unit_of_work, mechanism, _tools(settings))
    app = create_app(
        NAME,
        mechanism=mechanism,
        blueprints=BLUEPRINTS,
        refusals=(OversightError,),
        settings=settings.http,
        uow_factory=uow_factory,
        texts=TEXTS,
        pages=(pages,),
        migrations=MIGRATIONS,
        title="Gongzheng oversight",
        description="Complaints, filing of major decisions, duties not done in time, and plans without amount targets.",
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
    return bootstrap(OversightSettings.from_env(PREFIX))


def wsgi() -> Flask:
    """The application for a WSGI server: ``gunicorn "oversight.bootstrap:wsgi()"``."""
    return runtime.wsgi(bootstrap_from_env)


def _unit_of_work(mechanism: Mechanism, tools: Tools, actor: Any = SYSTEM, cause: Any = None) -> OversightUnitOfWork:
    return OversightUnitOfWork(mechanism, tools, actor=actor, cause=cause)


def _tools(settings: OversightSettings) -> Tools:
    return Tools(
        vault=Vault(settings.master_keys),
        codes=CodeBook(settings.code_key),
        thresholds=Thresholds(_thresholds(settings.filing_thresholds_file)),
        calendar=extra_calendar(settings.calendar_files) if settings.calendar_files else default_calendar(),
        organisation_id=settings.organisation_id,
    )


def _thresholds(path: str) -> dict[str, Any]:
    return tomllib.loads(Path(path).read_text(encoding="utf-8")) if path else {}
