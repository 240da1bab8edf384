"""``Idempotency-Key``: bound to caller, route and content; stored with the change; a race has one winner."""

import threading
from datetime import timedelta

import pytest
from flask import Flask

from gongzheng.clock import FixedClock
from gongzheng.db.mechanism import Mechanism
from gongzheng.http import idempotency
from gongzheng.testing import Answer, ApiClient, api_client

pytestmark = pytest.mark.req("X-05")
THING = {"name": "a", "amount_fen": 1}


def _count(mechanism: Mechanism, table: str) -> int:
    return int(mechanism.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 the test's own word


def test_a_repetition_gets_the_first_answer_again(maker: ApiClient, mechanism: Mechanism) -> None:
    """Status, body and ETag are the first ones, and nothing happens twice."""
    first = maker.post("/things", THING, idempotency_key="repeat-me")
    again = maker.post("/things", {"amount_fen": 1, "name": "a"}, idempotency_key="repeat-me")
    assert first.expect(201) == again.expect(201)
    assert first.etag == again.etag == '"1"'
    assert again.headers["Idempotency-Replayed"] == "true"
    assert [_count(mechanism, table) for table in ("thing", "outbox", "audit")] == [1, 1, 1]


def test_another_content_under_the_same_key_is_refused(maker: ApiClient) -> None:
    """The key is bound to what was sent with it."""
    maker.post("/things", THING, idempotency_key="repeat-me").expect(201)
    maker.post("/things", {**THING, "amount_fen": 2}, idempotency_key="repeat-me").expect(409, "idempotency-conflict")


def test_the_key_of_one_caller_means_nothing_for_another(client: ApiClient, maker: ApiClient) -> None:
    """Two persons may choose the same key."""
    other = client.as_user("user-2", "sample.maker")
    mine = maker.post("/things", THING, idempotency_key="same-key")
    assert other.post("/things", THING, idempotency_key="same-key").expect(201)["id"] != mine.json["id"]


def test_a_creating_request_needs_a_key(maker: ApiClient) -> None:
    """And one that is neither too short nor made of odd characters."""
    maker.post("/things", THING, idempotency_key=None).expect(400, "idempotency-key-required")
    maker.post("/things", THING, idempotency_key="short").expect(400, "malformed-parameter")
    maker.post("/things", THING, idempotency_key="with spaces in it").expect(400, "malformed-parameter")


def test_a_refusal_keeps_no_claim(maker: ApiClient, mechanism: Mechanism) -> None:
    """The caller mends the request and uses the key again; nothing of the refused attempt stays."""
    maker.post("/things", {"name": "sealed", "amount_fen": 1}, idempotency_key="try-again").expect(409, "thing-sealed")
    maker.post("/things", {"name": ""}, idempotency_key="try-again").expect(422)
    assert [_count(mechanism, table) for table in ("thing", "outbox", "audit", "idempotency")] == [0, 0, 0, 0]
    maker.post("/things", THING, idempotency_key="try-again").expect(201)


def test_the_bytes_of_an_upload_belong_to_the_content(maker: ApiClient) -> None:
    """The same form with one byte of the file changed is another request."""
    thing = maker.post("/things", THING).expect(201)["id"]

    def upload(content: bytes, kind: str = "letter") -> Answer:
        return maker.post(
            f"/things/{thing}/papers",
            files={"file": ("a.txt", content, "text/plain")},
            form={"metadata": {"kind": kind}},
            idempotency_key="upload-key",
        )

    first = upload(b"bytes").expect(201)
    assert upload(b"bytes").expect(201) == first
    upload(b"bytez").expect(409, "idempotency-conflict")
    upload(b"bytes", "photo").expect(409, "idempotency-conflict")


def test_an_answer_shown_once_cannot_be_read_out_of_the_database(client: ApiClient, mechanism: Mechanism) -> None:
    """A tracking code in a stored answer is encrypted under the key and the content of the request."""
    answer = client.post("/public/reports", {"text": "noise"}, idempotency_key="report-key")
    assert answer.expect(201) == {"tracking_code": "secret-of-noise"}
    stored = str(mechanism.execute("SELECT * FROM idempotency").fetchall())
    assert "secret-of-noise" not in stored
    assert "report-key" not in stored
    assert client.post("/public/reports", {"text": "noise"}, idempotency_key="report-key").json == answer.json


def test_of_many_at_once_one_creates_and_all_get_its_answer(
    app: Flask, mechanism: Mechanism, clock: FixedClock
) -> None:
    """The others wait for the first transaction and then read its answer."""
    start = threading.Barrier(6)
    answers: list[Answer] = []

    def call() -> None:
        caller = api_client(app, clock=clock).as_user("user-1", "sample.maker")
        start.wait()
        answers.append(caller.post("/things", THING, idempotency_key="one-of-six"))
        mechanism.database.close()

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status for answer in answers] == [201] * 6
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 5
    assert [_count(mechanism, table) for table in ("thing", "outbox", "idempotency")] == [1, 1, 1]


def test_old_claims_are_swept(maker: ApiClient, mechanism: Mechanism, clock: FixedClock) -> None:
    """Claims are kept for three days."""
    maker.post("/things", THING, idempotency_key="old-key-1").expect(201)
    assert idempotency.sweep(mechanism) == 0
    clock.advance(timedelta(hours=idempotency.KEEP_H, seconds=1))
    assert idempotency.sweep(mechanism) == 1
