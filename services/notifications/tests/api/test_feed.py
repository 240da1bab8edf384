"""The feed: everything received, in commit order, by cursor and as server-sent events, as each reader may see it."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gongzheng.ids import new_id
from gongzheng.messaging.consumer import Delivery

pytestmark = pytest.mark.req("N-06")


def read_all(client: Any, **query: Any) -> list[dict[str, Any]]:
    """Every page, one event at a time at most."""
    events: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = client.get("/feed", limit=2, after=cursor, **query).expect(200)
        events += page["items"]
        if page["next_cursor"] == cursor or (cursor is None and page["next_cursor"] is None):
            return events
        cursor = page["next_cursor"]


def test_the_feed_holds_every_event_once_in_order_and_its_cursor_stays_good(any_house: Any) -> None:
    """The last cursor, given again later, brings what came since and nothing else."""
    sent = [any_house.event("cases.case.filed", new_id()) for _ in range(5)]
    any_house.hear(*sent)
    any_house.hear(*sent)
    auditor = any_house.user("auditor")
    assert [event["id"] for event in read_all(auditor)] == [event.id for event in sent]
    cursor = auditor.get("/feed", limit=100).expect(200)["next_cursor"]
    assert auditor.get("/feed", after=cursor).expect(200) == {"items": [], "next_cursor": cursor}
    late = any_house.event("cases.case.filed", new_id())
    any_house.hear(late)
    assert [e["id"] for e in auditor.get("/feed", after=cursor).expect(200)["items"]] == [late.id]


def test_an_empty_feed_has_no_cursor_and_a_made_up_one_is_refused(house: Any) -> None:
    """A cursor is what the page before gave."""
    assert house.operator.get("/feed").expect(200) == {"items": [], "next_cursor": None}
    house.operator.get("/feed", after="bm90LWEtbnVtYmVy").expect(422, "invalid-cursor")


def test_a_filter_by_type_skips_and_the_cursor_goes_on(house: Any) -> None:
    """What is skipped is looked at once."""
    house.hear(
        *[house.event(t, new_id()) for t in ("cases.case.filed", "fees.obligation.settled", "cases.case.closed")]
    )
    events = read_all(house.operator, type="cn.gongzheng.fees.*")
    assert [event["type"] for event in events] == ["cn.gongzheng.fees.obligation.settled.v1"]


def test_a_subscriber_sees_what_its_grants_open_and_an_auditor_everything(house: Any) -> None:
    """Confidential events are not even counted; confidential fields are named as taken out."""
    house.hear(house.decision(), house.event("fees.receipt.issued", new_id()))
    (seen,) = read_all(house.subscriber)
    assert seen["redacted"] == "party.email,party.name"
    made = house.subscribe("http://127.0.0.1:9/hook")
    grants = [{"types": "cn.gongzheng.fees.*", "fields": ["*"], "purpose": "audit"}]
    house.operator.send("PUT", f"/subscriptions/{made['subscription_id']}/grants", json={"grants": grants}).expect(200)
    assert len(read_all(house.subscriber)) == 2
    assert len(read_all(house.user("notifications.subscriber", subject="another"))) == 1
    full = read_all(house.user("auditor"))
    assert full[0]["data"]["party"]["name"] == "张三"
    assert "redacted" not in full[0]


def test_nobody_reads_without_one_of_the_roles(house: Any) -> None:
    """Neither the page nor the stream."""
    for path in ("/feed", "/feed/stream"):
        house.client.get(path).expect(401)
        house.user("cases.intake").get(path).expect(403)


class Listener:
    """Reads a stream as a browser would, in a thread."""

    def __init__(self, house: Any, who: Any, **headers: str) -> None:
        environment = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
        self.response = house.service.app.test_client().get(
            "/api/v1/feed/stream", headers={"Authorization": f"Bearer {who.token}"}, environ_overrides=environment,
            buffered=False,
        )  # fmt: skip
        self.lines: Iterator[bytes] = iter(self.response.iter_encoded())

    def next_event(self) -> dict[str, str]:
        """The next event, comments passed over."""
        for chunk in self.lines:
            fields = dict(
                line.split(": ", 1) for line in chunk.decode().strip().splitlines() if not line.startswith(":")
            )
            if "data" in fields:
                return fields
        raise AssertionError("the stream ended")

    def close(self) -> None:
        """Hang up."""
        self.response.close()


@pytest.fixture
def listen() -> Iterator[Callable[..., Any]]:
    """Opens streams and closes them."""
    opened: list[Listener] = []

    def open_(house: Any, who: Any, **headers: str) -> Listener:
        opened.append(Listener(house, who, **headers))
        return opened[-1]

    yield open_
    for listener in opened:
        listener.close()


def test_a_stream_brings_events_as_they_are_committed(house: Any, listen: Callable[..., Listener]) -> None:
    """From now on; each with its position as id and its type as event."""
    house.hear(house.event("cases.case.filed", new_id()))
    stream = listen(house, house.operator)
    next(stream.lines)  # the greeting: the stream is open
    event = house.event("cases.case.filed", new_id())

    def bring() -> None:
        house.consumer.process([Delivery(body=event.to_json())])
        house.service.database.close()  # connections belong to threads

    bringing = threading.Timer(0.2, bring)
    bringing.start()
    seen = stream.next_event()
    bringing.join()
    assert event.id in seen["data"]
    assert seen["event"] == event.type
    assert seen["id"].isdigit()


def test_a_reader_that_comes_back_goes_on_after_its_last_event(house: Any, listen: Callable[..., Listener]) -> None:
    """Last-Event-ID, as a browser sends it by itself."""
    events = [house.event("cases.case.filed", new_id()) for _ in range(3)]
    house.hear(*events)
    first = listen(house, house.operator, last_event_id="0").next_event()
    assert events[0].id in first["data"]
    again = listen(house, house.operator, last_event_id=first["id"])
    assert events[1].id in again.next_event()["data"]
    assert events[2].id in again.next_event()["data"]


@pytest.mark.parametrize("text", ["x", "-1", "9" * 19, "1.5"])
def test_a_position_that_is_none_is_refused(house: Any, text: str) -> None:
    """Before the stream begins."""
    house.operator.get("/feed/stream", headers={"Last-Event-ID": text}).expect(422, "invalid-position")


def test_streams_are_limited_and_a_place_that_was_left_is_free_again(
    open_house: Callable[..., Any], tmp_path: Any, listen: Callable[..., Listener]
) -> None:
    """Each holds a thread; the next reader is told to come back."""
    house = open_house(f"sqlite:///{tmp_path}/limited.db", streams_max=1)
    stream = listen(house, house.operator)
    refused = house.operator.get("/feed/stream")
    refused.expect(503, "too-many-streams")
    assert refused.headers["Retry-After"] == "5"
    stream.close()
    again = listen(house, house.operator)
    assert again.response.status_code == 200


def test_a_stream_ends_after_its_time(
    open_house: Callable[..., Any], tmp_path: Any, listen: Callable[..., Listener]
) -> None:
    """So that a reader whose token has expired does not stay for ever."""
    house = open_house(f"sqlite:///{tmp_path}/short.db", stream_s_max=1)
    stream = listen(house, house.operator)
    chunks = list(stream.lines)  # and it comes to an end
    assert chunks[0].startswith(b"retry:")


@pytest.mark.req("X-01")
def test_a_transaction_that_commits_late_is_not_skipped_by_a_reader(
    open_house: Callable[..., Any], postgres_database: str
) -> None:
    """Positions are given in the order of commits, so a second writer waits until the first has committed."""
    house = open_house(postgres_database)
    first, second = (house.event("cases.case.filed", new_id()) for _ in range(2))
    written, go = threading.Event(), threading.Event()

    def slow() -> None:
        with house.uow() as uow:
            uow.log.append(first)
            uow.flush()
            written.set()
            go.wait(10)
        house.service.database.close()

    def quick() -> None:
        with house.uow() as uow:
            uow.log.append(second)
        house.service.database.close()

    threads = [threading.Thread(target=slow), threading.Thread(target=quick)]
    threads[0].start()
    written.wait(10)
    threads[1].start()
    threads[1].join(0.5)
    assert threads[1].is_alive()  # it waits for its turn
    assert house.rows("SELECT count(*) FROM received_event") == [(0,)]
    go.set()
    for thread in threads:
        thread.join(10)
    order = [row[0] for row in house.rows("SELECT event_id FROM received_event ORDER BY position")]
    assert order == [first.id, second.id]


def test_what_a_rolled_back_transaction_had_received_is_not_in_the_feed(any_house: Any) -> None:
    """The log and the effect commit together or not at all."""
    unit = any_house.uow()

    def fail() -> None:
        with unit:
            unit.log.append(any_house.event("cases.case.filed", new_id()))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with unit:
        pass
    assert any_house.rows("SELECT count(*) FROM received_event") == [(0,)]
