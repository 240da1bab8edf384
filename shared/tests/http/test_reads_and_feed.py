"""Reads are on the audit record; the event log is readable by those who may follow it."""

import json

import pytest

from gongzheng.db.mechanism import Mechanism
from gongzheng.testing import ApiClient

THING = {"name": "a", "amount_fen": 1}


@pytest.mark.req("X-07")
def test_who_reads_one_resource_is_on_record(client: ApiClient, maker: ApiClient, mechanism: Mechanism) -> None:
    """With the person, the resource and the request; lists and refusals leave no such row."""
    thing = maker.post("/things", THING).expect(201)["id"]
    auditor = client.as_user("auditor-1", "auditor", name="李四")
    request_id = auditor.get(f"/things/{thing}").headers["X-Request-Id"]
    auditor.get("/things").expect(200)
    auditor.get("/things/01JZZZZZZZZZZZZZZZZZZZZZZZ").expect(404)
    rows = mechanism.execute(
        "SELECT action, resource, actor, actor_name, request_id FROM audit WHERE actor = 'auditor-1'"
    ).fetchall()
    assert [tuple(row) for row in rows] == [("thing.read", f"thing/{thing}", "auditor-1", "李四", request_id)]


@pytest.mark.req("X-07")
def test_a_change_is_on_record_with_its_request(maker: ApiClient, mechanism: Mechanism) -> None:
    """The id in the answer leads to the row."""
    answer = maker.post("/things", THING)
    row = mechanism.execute("SELECT action, actor, roles, request_id FROM audit").fetchone()
    assert tuple(row) == ("thing.make", "user-1", "sample.maker", answer.headers["X-Request-Id"])


@pytest.mark.req("X-08")
def test_the_callers_trace_reaches_the_event(maker: ApiClient, mechanism: Mechanism) -> None:
    """The trace id goes on, under a parent of our own."""
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    maker.post("/things", THING, headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}).expect(201)
    event = json.loads(mechanism.execute("SELECT body FROM outbox").fetchone()[0])
    assert event["traceparent"].split("-")[1] == trace
    assert event["traceparent"].split("-")[2] != "00f067aa0ba902b7"


@pytest.mark.req("N-06")
def test_the_log_is_read_by_position_and_goes_on_later(
    client: ApiClient, maker: ApiClient, mechanism: Mechanism
) -> None:
    """What has no position yet is not shown; the last cursor stays good for what comes next."""
    ids = [maker.post("/things", THING).expect(201)["id"] for _ in range(3)]
    reader = client.as_user("feeder", "system.feed", agent=True)
    assert reader.get("/events").expect(200) == {"items": [], "next_cursor": None}
    mechanism.execute("UPDATE outbox SET position = id WHERE subject IN (?, ?)", ids[:2])
    first = reader.get("/events", limit=1).expect(200)
    rest = reader.get("/events", after=first["next_cursor"]).expect(200)
    assert [e["subject"] for e in first["items"] + rest["items"]] == ids[:2]
    end = reader.get("/events", after=rest["next_cursor"]).expect(200)
    assert end == {"items": [], "next_cursor": rest["next_cursor"]}
    mechanism.execute("UPDATE outbox SET position = id WHERE subject = ?", (ids[2],))
    assert reader.get("/events", after=end["next_cursor"]).json["items"][0]["subject"] == ids[2]


@pytest.mark.req("X-02")
def test_one_aggregate_is_read_by_sequence_even_before_it_was_published(client: ApiClient, maker: ApiClient) -> None:
    """Whoever misses an event asks for the aggregate from that sequence on."""
    thing = maker.post("/things", THING).expect(201)["id"]
    reader = client.as_user("feeder", "system.feed", agent=True)
    page = reader.get("/events", stream="thing", subject=thing).expect(200)
    assert [event["sequence"] for event in page["items"]] == ["0000000001"]
    assert reader.get("/events", stream="thing", subject=thing, from_sequence=2).json["items"] == []


@pytest.mark.req("N-05")
def test_a_subscriber_sees_no_confidential_event(client: ApiClient, maker: ApiClient, mechanism: Mechanism) -> None:
    """The suite's own services and auditors do."""
    maker.post("/things", THING).expect(201)
    mechanism.execute("UPDATE outbox SET position = id, dataclass = 'confidential'")
    assert client.as_user("sub", "notifications.subscriber").get("/events").json["items"] == []
    assert len(client.as_user("feeder", "system.feed").get("/events").json["items"]) == 1
    maker.get("/events").expect(403, "forbidden")
