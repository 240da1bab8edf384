"""The promise of the whistleblowing desk, held against the bytes that the service leaves behind."""

import contextlib
import io
import logging
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from structlog.testing import capture_logs

from gongzheng.ids import new_id
from services.oversight.tests.house import House

NAME, PHONE, EMAIL = "欧阳娜娜丽莎", "13911112222", "whistle.blower@example.com"
WORDS = "冰柜后面的过期酸奶被撕掉标签卖给小学生"
ABOUT, PLACE = "好又多便利店老板贾某某", "云湖路一百零八号后门"
REPORT: dict[str, Any] = {
    "kind": "violation",
    "text": f"我是{NAME}。{WORDS}。",
    "about": ABOUT,
    "place": PLACE,
    "reporter": {"name": NAME, "phone": PHONE, "email": EMAIL},
}


@pytest.fixture
def logs() -> Iterator[Callable[[], str]]:
    """Everything that is logged, printed or warned of."""
    stream, out = io.StringIO(), io.StringIO()
    handler = logging.StreamHandler(stream)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    with capture_logs() as events, contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        yield lambda: stream.getvalue() + out.getvalue() + repr(events)
    root.removeHandler(handler)
    root.setLevel(level)


def _whole_story(house: House) -> list[str]:
    """File, repeat, look up, read, be refused, accept, resolve; the secrets of it."""
    key = f"chosen-by-the-reporter-{secrets.token_hex(8)}"
    received = house.client.post("/public/complaints", REPORT, idempotency_key=key).expect(201)
    house.client.post("/public/complaints", REPORT, idempotency_key=key).expect(201)
    complaint_id, code = received["complaint_id"], received["tracking_code"]
    house.client.post("/public/complaints", REPORT | {"kind": f"{NAME}{WORDS}"}).expect(422)
    house.client.post("/public/complaints/lookup", {"tracking_code": code}).expect(200)
    house.intake.get(f"/complaints/{complaint_id}/content").expect(200)
    house.intake.get(f"/complaints/{complaint_id}").expect(200)
    path = f"/complaints/{complaint_id}/acceptance"
    body = {"organisation_id": "samr", "accepted_on": "2026-11-23", "summary": f"{NAME}反映，{WORDS}"}
    house.intake.post(path, body).expect(422, "summary-reveals-reporter")
    body["summary"] = "据反映，某便利店销售过期乳制品。"
    house.intake.post(path, body).expect(200)
    end = {"outcome": "confirmed", "told": "已查处。", "resolved_on": "2026-11-23"}
    house.lead.post(f"/complaints/{complaint_id}/resolution", end).expect(200)
    with house.service.app.test_client() as browser:
        form = {"once": new_id(), "kind": "official", "text": WORDS, "name": NAME, "phone": PHONE, "email": EMAIL}
        assert browser.post("/report", data=form).status_code == 201
        assert browser.post("/report", data=form | {"kind": ""}).status_code == 422
        assert browser.post("/follow", data={"code": code}).status_code == 200
    return [NAME, PHONE, EMAIL, WORDS, ABOUT, PLACE, code, key]


def _found(hidden: list[str], left_behind: bytes) -> list[str]:
    """Which secrets stand in the bytes, as text or as JSON escapes, whole or in part."""
    found = []
    for secret in hidden:
        forms = {secret.encode(), secret.encode("unicode_escape"), secret.encode("utf-16-le"), secret[:6].encode()}
        forms.add(" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)).encode())
        if any(form in left_behind for form in forms):
            found.append(secret)
    return found


@pytest.mark.req("O-01")
def test_no_reporter_word_or_code_stands_in_the_sqlite_file(house: House, tmp_path: Path) -> None:
    """Neither in the tables nor in what SQLite leaves beside them (write-ahead log, free pages)."""
    hidden = _whole_story(house)
    files = [path for path in tmp_path.iterdir() if path.name.startswith("oversight.db")]
    left_behind = b"".join(path.read_bytes() for path in files)
    assert "据反映，某便利店销售过期乳制品。".encode() in left_behind  # the search does find what is there
    assert _found(hidden, left_behind) == []


def _dump(address: str) -> bytes:
    """Every row of every table, as COPY writes them, which is what a dump is made of."""
    with psycopg.connect(address) as connection:
        listed = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        names = [row[0] for row in connection.execute(listed).fetchall()]
        dumped = b""
        for name in names:
            with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(name))) as rows:
                dumped += b"".join(bytes(row) for row in rows)
        return dumped


@pytest.mark.req("O-01")
def test_no_reporter_word_or_code_stands_in_a_postgresql_dump(
    open_house: Callable[..., House], postgres_database: str
) -> None:
    """What a backup carries away."""
    house = open_house(postgres_database)
    hidden = _whole_story(house)
    dumped = _dump(postgres_database)
    assert "据反映，某便利店销售过期乳制品。".encode() in dumped
    assert _found(hidden, dumped) == []


@pytest.mark.req("O-01", "X-08")
def test_no_reporter_word_or_code_stands_in_the_logs(house: House, logs: Callable[[], str]) -> None:
    """Not at any level, not in a refusal, not in a failure."""
    hidden = _whole_story(house)
    assert "request_served" in logs()
    assert _found(hidden, logs().encode()) == []


@pytest.mark.req("O-01")
def test_a_failure_while_sealing_leaves_no_word_in_the_logs(
    house: House, logs: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stack trace shows code, not what a person wrote."""

    def broken(*_: Any) -> Any:
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr("oversight.adapters.complaints.SealedParts.add", broken)
    house.service.app.testing = False
    house.client.post("/public/complaints", REPORT).expect(500, "internal-error")
    assert "request_failed" in logs()
    assert _found([NAME, PHONE, EMAIL, WORDS, ABOUT, PLACE], logs().encode()) == []
    assert house.count("complaint") == 0


@pytest.mark.req("O-01", "X-03")
def test_no_event_carries_more_than_its_contract(house: House) -> None:
    """What leaves the service: ids, days, and the summary that oversight wrote."""
    hidden = _whole_story(house)
    told = "".join(event.to_json() for event in house.published())
    assert _found(hidden, told.encode()) == []
