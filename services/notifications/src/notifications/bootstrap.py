"""Puts notifications together: the only place where its parts meet."""

import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Flask

from gongzheng import runtime
from gongzheng.clock import Clock, SystemClock
from gongzheng.db.connect import open_database
from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import SYSTEM
from gongzheng.http import create_app
from gongzheng.messaging.envelope import Ed25519Signer
from gongzheng.runtime import Service
from notifications.adapters import tables
from notifications.adapters.bell import Bell
from notifications.adapters.data_files import load_policy, load_templates
from notifications.adapters.mail import SmtpChannel, SmtpSettings
from notifications.adapters.sealing import Sealer
from notifications.adapters.unit_of_work import Toolkit, UnitOfWork
from notifications.adapters.webhook import WebhookCaller
from notifications.api import BLUEPRINTS
from notifications.api.feed import STREAMS, Streams
from notifications.domain import events
from notifications.domain.errors import NotificationsError
from notifications.settings import NotificationsSettings
from notifications.worker.consumer import BINDINGS, HANDLERS, PROJECTIONS
from notifications.worker.loop import run_until
from notifications.worker.pushing import Pusher
from notifications.worker.sending import Sender
from notifications.worker.timers import timers

NAME = "notifications"
PREFIX = "NOTIFICATIONS_"
MIGRATIONS = "notifications.migrations"
EVENT_TYPES: Mapping[type, str] = {
    kind: f"cn.gongzheng.notifications.{name}.v1"
    for kind, name in {
        events.MessageSent: "message.sent",
        events.MessageFailed: "message.failed",
        events.SubscriptionCreated: "subscription.created",
        events.SubscriptionParked: "subscription.parked",
        events.SubscriptionDisabled: "subscription.disabled",
        events.SubscriptionResumed: "subscription.resumed",
        events.SubscriptionEnded: "subscription.ended",
    }.items()
}


def bootstrap(settings: NotificationsSettings, *, clock: Clock | None = None) -> Service:
    """The service for these settings.

    Raises:
        TemplateFault: when a template is inconsistent.
        ValueError: when a rule file lacks a part or the relay's address is not usable.
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
    policy = load_policy(allowed=settings.webhook_allowed_networks)
    caller = WebhookCaller(policy.destinations, mechanism.clock)
    toolkit = Toolkit(
        policy=policy, templates=load_templates(), sealer=Sealer(settings.sealing_keys), check_url=caller.check
    )
    uow_factory = partial(_unit_of_work, mechanism, toolkit)
    new_unit_of_work = partial(uow_factory, SYSTEM)
    app = create_app(
        NAME,
        mechanism=mechanism,
        blueprints=BLUEPRINTS,
        refusals=(NotificationsError,),
        settings=settings.http,
        uow_factory=uow_factory,
        migrations=MIGRATIONS,
        title="Gongzheng notifications",
        description="Tells people and other systems what happened, provably.",
    )
    app.extensions[STREAMS] = Streams(
        toolkit.bell, streams_max=settings.streams_max, stream_s_max=settings.stream_s_max
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
        timers=timers(new_unit_of_work, mechanism),
        loops=_loops(settings, mechanism, toolkit.bell, new_unit_of_work, caller),
    )


def bootstrap_from_env() -> Service:
    """The service as its environment says."""
    return bootstrap(NotificationsSettings.from_env(PREFIX))


def wsgi() -> Flask:
    """The application for a WSGI server: ``gunicorn "notifications.bootstrap:wsgi()"``."""
    return runtime.wsgi(bootstrap_from_env)


def _unit_of_work(mechanism: Mechanism, toolkit: Toolkit, actor: Any = SYSTEM, cause: Any = None) -> UnitOfWork:
    return UnitOfWork(mechanism, toolkit, actor=actor, cause=cause)


def _loops(
    settings: NotificationsSettings,
    mechanism: Mechanism,
    bell: Bell,
    new_unit_of_work: Callable[[], Any],
    caller: WebhookCaller,
) -> dict[str, Callable[[threading.Event], None]]:
    relay = SmtpSettings.from_url(
        settings.smtp_url,
        sender=settings.mail_sender,
        sender_name=settings.mail_sender_name,
        message_domain=settings.message_domain,
        ca_file=settings.mail_ca_file,
    )
    sender = Sender(new_unit_of_work, SmtpChannel(relay, mechanism.clock))

    def send_mail(stop: threading.Event) -> None:
        run_until(stop, bell, sender.run, name="mail")

    def push_webhooks(stop: threading.Event) -> None:
        pusher = Pusher(new_unit_of_work, caller, calls_max=settings.webhook_calls_max)
        try:
            run_until(stop, bell, pusher.run, name="webhooks")
        finally:
            pusher.close()

    return {"mail": send_mail, "webhooks": push_webhooks}
