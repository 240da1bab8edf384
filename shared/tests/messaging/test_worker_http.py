"""The worker's own port: is it alive, could it work now, and how far behind is it."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from gongzheng.clock import FixedClock
from gongzheng.expectations import parse_expectations
from gongzheng.messaging.amqp import AmqpPublisher
from gongzheng.messaging.relay import Relay
from gongzheng.messaging.topology import TOPOLOGY
from gongzheng.messaging.worker import Part, Worker
from gongzheng.messaging.worker_http import WorkerHttp
from gongzheng.runtime import worker_http
from tests.support.servers import RabbitServer

from .conftest import Service, deliveries
from .test_relay import wait_for
from .test_topology import declare

pytestmark = pytest.mark.req("X-08")


def get(http: WorkerHttp, path: str) -> tuple[int, str]:
    """Status and text."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{http.port}{path}", timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def figure(http: WorkerHttp, name: str) -> float:
    """One figure of /metrics, named with its labels."""
    status, text = get(http, "/metrics")
    assert status == 200
    (found,) = (line for line in text.splitlines() if line.startswith(f"{name} "))
    return float(found.split()[-1])


def _work(stop: threading.Event) -> None:
    stop.wait()


@pytest.fixture
def worker() -> Iterator[Worker]:
    """A worker with one part that works until it is stopped."""
    running = Worker([Part("one", _work)])
    running.start()
    yield running
    running.stop()


@pytest.fixture
def serve(worker: Worker) -> Iterator[Callable[..., WorkerHttp]]:
    """The worker's port for a service, free and on loopback."""
    serving: list[WorkerHttp] = []

    def start(service: Service, *, amqp_url: str = "", expect: str = "") -> WorkerHttp:
        settings = SimpleNamespace(amqp_url=amqp_url, partitions=1, expect_events=parse_expectations(expect))
        loaded: Any = SimpleNamespace(name=service.mechanism.service, mechanism=service.mechanism, settings=settings)
        serving.append(worker_http(loaded, worker, "127.0.0.1", 0))
        return serving[-1]

    yield start
    for http in serving:
        http.close()


def test_the_figures_say_how_far_behind_a_service_is(
    serve: Callable[..., WorkerHttp], cases: Service, fees: Service, clock: FixedClock
) -> None:
    """Looked at when asked: by reason what waits, since when, and what is due; per stream how late it came."""
    cases.note("a", 1, 2, 3)
    cases.note("b", 1, 2)
    fees.poison = {("b", 1)}
    clock.advance(timedelta(seconds=7))
    fees.consumer.process(deliveries(cases.bodies(), 1, 3, 4, 5))
    clock.advance(timedelta(seconds=20))
    http = serve(fees, expect="cases.case=1h,cases.complaint=1h")

    of_fees = 'service="fees"'
    assert figure(http, f'gongzheng_parked_by_reason{{reason="gap",{of_fees}}}') == 1
    assert figure(http, f'gongzheng_parked_by_reason{{reason="failed",{of_fees}}}') == 1
    assert figure(http, f'gongzheng_parked_by_reason{{reason="behind",{of_fees}}}') == 1
    assert figure(http, f'gongzheng_parked_by_reason{{reason="exhausted",{of_fees}}}') == 0
    assert figure(http, f"gongzheng_parked_age_seconds{{{of_fees}}}") == 20
    assert figure(http, f"gongzheng_retries_due{{{of_fees}}}") == 2
    assert figure(http, f'gongzheng_stream_lag_seconds{{producer="cases",{of_fees},stream="case"}}') == 7
    assert figure(http, f"gongzheng_last_batch_timestamp_seconds{{{of_fees}}}") == clock.now().timestamp() - 20
    assert figure(http, f'gongzheng_stream_silent{{producer="cases",{of_fees},stream="complaint"}}') == 1
    assert figure(serve(cases), 'gongzheng_outbox_unpublished{service="cases"}') == 5
    assert figure(serve(cases), 'gongzheng_outbox_age_seconds{service="cases"}') == 27

    fees.mechanism.execute("UPDATE parked SET reason = 'skipped', next_attempt_at = NULL")
    assert figure(http, f'gongzheng_parked_by_reason{{reason="gap",{of_fees}}}') == 0
    assert figure(http, f'gongzheng_parked_events{{{of_fees},state="waiting"}}') == 0
    assert figure(http, f"gongzheng_parked_age_seconds{{{of_fees}}}") == 0


def test_many_questions_leave_no_connection_behind(serve: Callable[..., WorkerHttp], cases: Service) -> None:
    """More than a pool has."""
    http = serve(cases)
    for _ in range(40):
        assert get(http, "/health/ready")[0] == get(http, "/metrics")[0] == 200


def test_a_worker_is_live_while_its_parts_work_and_ready_while_its_database_answers(
    serve: Callable[..., WorkerHttp], worker: Worker, cases: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Metrics are answered also in an outage; nothing else is there."""
    http = serve(cases)
    assert get(http, "/health/live") == (200, '{"status": "ok", "reason": null}')
    assert get(http, "/health/ready")[0] == 200
    assert get(http, "/")[0] == get(http, "/health/flow")[0] == 404

    def away(*_: object) -> None:
        raise ConnectionError("secrets in texts")

    monkeypatch.setattr(type(cases.mechanism), "execute", away)
    assert get(http, "/health/live")[0] == 200
    status, text = get(http, "/health/ready")
    assert (status, json.loads(text)["reason"]) == (503, "ConnectionError")
    assert get(http, "/metrics")[0] == 200

    worker.stop()
    assert get(http, "/health/live")[0] == get(http, "/health/ready")[0] == 503


@pytest.mark.real
@pytest.mark.parametrize("make_url", ["postgresql"], indirect=True)
def test_with_a_broker_also_what_waits_there_and_who_leads(
    serve: Callable[..., WorkerHttp], cases: Service, fees: Service, rabbit_server: RabbitServer, rabbit_vhost: str
) -> None:
    """A relay at work leads; what it published and nobody took is ready in the followers' queues."""
    declare(rabbit_server, rabbit_vhost, TOPOLOGY)
    url = rabbit_server.url(rabbit_vhost)
    http = serve(cases, amqp_url=url)
    assert figure(http, 'gongzheng_relay_leaders{service="cases"}') == 0
    cases.note("a", 1, 2, 3)

    def publish(stop: Any) -> None:
        with AmqpPublisher(url, "cases") as publisher:
            Relay(cases.mechanism, publisher).run(stop)

    relaying = Worker([Part("relay", publish)])
    relaying.start()
    try:
        wait_for(lambda: figure(http, 'gongzheng_relay_leaders{service="cases"}') == 1, 20)
        wait_for(lambda: figure(http, 'gongzheng_outbox_unpublished{service="cases"}') == 0, 20)
        behind = serve(fees, amqp_url=url)
        queue = 'gongzheng_queue_messages{queue="fees.inbox.1",service="fees"}'
        wait_for(lambda: figure(behind, queue) == 3, 20)
    finally:
        relaying.stop()
    wait_for(lambda: figure(http, 'gongzheng_relay_leaders{service="cases"}') == 0, 20)
