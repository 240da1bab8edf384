"""The parts of the one-process mode by themselves."""

import json
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from gongzheng.legaltime import deadline, default_calendar
from gongzheng_embedded.folder import DataFolder
from gongzheng_embedded.home import home_app
from gongzheng_embedded.issuer import TokenIssuer
from gongzheng_embedded.live import Live, server_sent
from gongzheng_embedded.people import demonstration_people
from gongzheng_embedded.receiver import WebhookReceiver
from gongzheng_embedded.stage import Stage
from gongzheng_embedded.story.days import LATE_DAYS, Days
from gongzheng_embedded.story.memory import Memory


def test_keys_are_made_once_and_only_their_owner_may_read_them(tmp_path: Path) -> None:
    """No key has a default; none is made anew."""
    folder = DataFolder(tmp_path / "data").prepare()
    seed = folder.seed("cases-events")
    assert seed == DataFolder(tmp_path / "data").seed("cases-events")
    assert seed != folder.seed("fees-events")
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    assert (tmp_path / "data" / "keys" / "cases-events.key").stat().st_mode & 0o077 == 0


def test_a_reader_that_returns_gets_what_it_missed_and_nothing_twice() -> None:
    """Last-Event-ID resumes the stream."""
    live = Live()
    for n in range(5):
        live.add("story", zh=str(n), en=str(n), running=True)
    stream = server_sent(live, f"{live.boot}.3")
    assert "event: hello" in next(stream)
    assert f"id: {live.boot}.4\n" in next(stream)
    assert f"id: {live.boot}.5\n" in next(stream)
    threading.Timer(0.05, live.close).start()
    assert [part for part in stream if part.startswith("id:")] == []


@pytest.mark.parametrize("last_id", ["", "7", "earlier.3", "..", "x.²"])
def test_a_reader_of_an_earlier_process_begins_anew(last_id: str) -> None:
    """Numbers begin anew with each process; what an earlier one numbered says nothing here."""
    live = Live()
    live.add("story", zh="1", en="1", running=True)
    stream = server_sent(live, last_id)
    next(stream)
    assert f"id: {live.boot}.1\n" in next(stream)


def test_the_list_of_what_happened_is_bounded() -> None:
    """A page that stays open for a year does not fill the memory."""
    live = Live(items_max=3)
    for n in range(10):
        live.add("story", zh=str(n), en=str(n), running=True)
    assert [item["n"] for item in live.after(0, timeout_s=0)] == [8, 9, 10]


def test_a_confidential_event_is_shown_without_its_data() -> None:
    """The page tells that something happened, not what it said."""
    stage = Stage()
    data = {"complaint_id": "c", "summary": "only for the competent department"}
    type_ = "cn.gongzheng.oversight.complaint.accepted.v1"
    stage.event(
        "oversight",
        {"type": type_, "data": data, "dataclass": "confidential", "time": "2026-01-05T00:00:00Z", "subject": "c"},
    )
    assert "only for" not in json.dumps(stage.live.after(0, timeout_s=0))


def test_without_the_built_in_issuer_there_are_no_logins_and_nothing_private_is_shown(tmp_path: Path) -> None:
    """Whoever brings an identity provider gets no back door."""
    people = demonstration_people()
    app = home_app(stage=Stage(), issuer=None, people=people, mailbox=list)
    client = app.test_client()
    assert client.post("/tokens", json={"subject": people[0].subject}).status_code == 404
    assert "Get a token" not in client.get("/?lang=en").get_data(as_text=True)
    for private in ("/.well-known/jwks.json", "/live", "/mailbox"):
        assert client.get(private).status_code == 404
    issuer = TokenIssuer(issuer="x", folder=DataFolder(tmp_path).prepare())
    client = home_app(stage=Stage(), issuer=issuer, people=people, mailbox=list).test_client()
    assert client.post("/tokens", json={"subject": people[0].subject}).status_code == 200
    assert client.post("/tokens", json={"subject": "nobody"}).status_code == 404


def test_no_script_from_elsewhere_and_none_in_line(tmp_path: Path) -> None:
    """The policy of every answer of the home page."""
    issuer = TokenIssuer(issuer="x", folder=DataFolder(tmp_path).prepare())
    answer = home_app(stage=Stage(), issuer=issuer, people=demonstration_people(), mailbox=list).test_client().get("/")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert " onclick=" not in answer.get_data(as_text=True)
    assert " style=" not in answer.get_data(as_text=True)


def test_a_webhook_with_a_bad_signature_is_not_kept() -> None:
    """The receiver of the demonstration checks as any receiver can."""
    receiver = WebhookReceiver()
    receiver.secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    seen: list[str] = []

    def start_response(status: str, _: Any) -> None:
        seen.append(status)

    class Body:
        def read(self, _: int) -> bytes:
            return b"{}"

    headers = {"HTTP_WEBHOOK_ID": "m", "HTTP_WEBHOOK_TIMESTAMP": "0", "HTTP_WEBHOOK_SIGNATURE": "v1,AAAA"}
    list(receiver({"CONTENT_LENGTH": "2", "wsgi.input": Body(), **headers}, start_response))
    assert seen == ["401 Unauthorized"]
    assert (receiver.received, receiver.refused) == ([], 1)


def test_the_memory_of_a_story_survives_its_process(tmp_path: Path) -> None:
    """What was kept is there for the next process."""
    Memory(tmp_path / "story.json").keep(main="01J", receipts=["1"])
    again = Memory(tmp_path / "story.json")
    assert again["main"] == "01J"
    assert "second" not in again
    assert again.get("second", 7) == 7


@pytest.mark.parametrize("offset", range(0, 366, 7))
def test_the_days_of_the_story_fit_the_law_on_whatever_day_it_is_told(offset: int) -> None:
    """In order; the silence is recorded after its period; the late payment does not lie in the future."""
    today = date(2026, 1, 2) + timedelta(days=offset)
    days, calendar = Days.of(today), default_calendar()
    acts = (days.reported, days.filed, days.evidence, days.report, days.reviewed, days.notified, days.heard)
    assert list(acts) == sorted(acts)
    assert deadline(days.notified, 5, "working_day", calendar=calendar, law="APL 64").due < days.heard
    due = deadline(days.served, 15, "day", calendar=calendar, law="APL 67").due
    assert due + timedelta(days=LATE_DAYS) <= today
    assert deadline(days.stale, 15, "working_day", calendar=calendar, law="SAMR-PROC 18").due < today
