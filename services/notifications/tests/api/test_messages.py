"""The API of messages, templates and contact points: who may look, and what is never shown."""

from typing import Any

import pytest

from gongzheng.ids import new_id

PARTY = {"party_id": "party-1", "name": "张三", "kind": "person", "email": "zhang.san@example.cn", "language": "zh"}
NOBODY = PARTY | {"party_id": "party-2", "email": None}


@pytest.mark.req("N-07")
def test_the_proof_of_a_message_shows_its_way_and_the_hash_of_its_text(house: Any) -> None:
    """When, what, how it ended; the address masked, the text only as its hash; who looked is on record."""
    house.hear(house.decision())
    house.send_mail()
    operator = house.operator
    (listed,) = operator.get("/messages").expect(200)["items"]
    answer = operator.get(f"/messages/{listed['message_id']}")
    detail = answer.expect(200)
    assert [line["what"] for line in detail["timeline"]] == ["queued", "waiting", "addressed", "sending", "sent"]
    assert len(detail["content_sha256"]) == 64
    assert detail["recipient"] == "z***@e***.cn"
    assert "张三" not in answer.text
    assert "zhang.san" not in answer.text
    looked = house.rows("SELECT action, resource FROM audit WHERE action LIKE 'message.%' ORDER BY id")
    assert looked == [("message.list", "message"), ("message.read", f"message/{listed['message_id']}")]


@pytest.mark.req("N-03")
def test_messages_are_found_by_state_template_case_and_party(house: Any) -> None:
    """Failed ones above all."""
    other = new_id()
    house.hear(house.decision(), house.event("cases.decision.served", other, case_id=other, party=NOBODY))
    house.send_mail()
    operator = house.operator

    def found(**query: str) -> int:
        return len(operator.get("/messages", **query).expect(200)["items"])

    assert (found(), found(state="sent"), found(state="waiting"), found(state="failed")) == (2, 1, 1, 0)
    assert (found(case_id=other), found(party_id="party-2"), found(template="decision_served")) == (1, 1, 2)
    operator.get("/messages", state="lost").expect(422)
    operator.get("/messages", colour="red").expect(422)


def test_pages_of_messages_join_without_gap_or_overlap(house: Any) -> None:
    """Newest first, by cursor."""
    house.hear(*[house.decision() for _ in range(5)])
    seen: list[str] = []
    cursor = None
    while True:
        page = house.operator.get("/messages", limit=2, after=cursor).expect(200)
        seen += [item["message_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.req("N-03")
def test_only_an_operator_redrives_and_only_what_failed(house: Any) -> None:
    """An auditor looks and changes nothing."""
    house.hear(house.decision(party=PARTY | {"email": "refuse550@example.cn"}))
    house.send_mail()
    message_id = house.rows("SELECT id FROM message")[0][0]
    path = f"/messages/{message_id}"
    for role in ("auditor", "notifications.subscriber", "notifications.author"):
        house.user(role).post(f"{path}/redrive", if_match=0).expect(403)
    operator = house.operator
    operator.post(f"{path}/redrive", if_match=None).expect(428)
    operator.get(path).expect(200)
    assert operator.post(f"{path}/redrive").expect(200)["state"] == "due"
    operator.post(f"{path}/redrive").expect(409, "not-redrivable")
    operator.post(f"/messages/{new_id()}/redrive", if_match=0).expect(404, "message-not-found")


@pytest.mark.req("N-01")
def test_templates_are_shown_in_both_languages_with_a_preview(house: Any) -> None:
    """Filled from the example of the event's contract."""
    author = house.user("notifications.author")
    names = [item["name"] for item in author.get("/templates").expect(200)["items"]]
    assert {"decision_served", "notice_served", "obligation_created", "receipt_issued", "obligation_settled"} <= set(
        names
    )
    for name in names:
        shown = author.get(f"/templates/{name}/1").expect(200)
        for language in ("zh", "en"):
            assert shown[language]["preview_subject"]
            assert "((" not in shown[language]["preview_body"]
    author.get("/templates/nobody/1").expect(404, "template-not-found")
    author.get("/templates/decision_served/99").expect(404, "template-not-found")


@pytest.mark.req("N-09")
def test_contact_points_are_masked_and_looking_is_on_record(house: Any) -> None:
    """Enough to recognise, too little to write to."""
    house.hear(house.decision())
    answer = house.operator.get("/contact-points", party_id="party-1")
    (point,) = answer.expect(200)["items"]
    assert (point["address"], point["language"], point["channel"]) == ("z***@e***.cn", "zh", "email")
    assert "zhang.san" not in answer.text
    house.subscriber.get("/contact-points", party_id="party-1").expect(403)
    house.operator.get("/contact-points").expect(422)
    assert house.rows("SELECT count(*) FROM audit WHERE action = 'contact_point.list'") == [(1,)]


@pytest.mark.req("N-09")
def test_no_log_line_names_a_person(house: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """A message sent, one refused, one webhook failed: ids and codes only."""
    house.subscribe("http://127.0.0.1:1/nobody", contact_email="owner@example.cn")
    other = new_id()
    refused = PARTY | {"email": "refuse550@example.cn"}
    house.hear(house.decision(), house.event("cases.decision.served", other, case_id=other, party=refused))
    house.send_mail()
    house.push()
    house.operator.get("/contact-points", party_id="party-1").expect(200)
    printed = capsys.readouterr()
    for text in ("zhang.san", "张三", "owner@example.cn", "refuse550"):
        assert text not in printed.out + printed.err


@pytest.mark.req("X-08")
def test_what_waits_and_what_was_tried_can_be_measured(house: Any) -> None:
    """One failed, one waits; the figures stand in /metrics."""
    other = new_id()
    house.hear(house.decision(party=PARTY | {"email": "refuse550@example.cn"}))
    house.hear(house.event("cases.decision.served", other, case_id=other, party=NOBODY))
    house.send_mail()
    measure = next(timer for timer in house.service.timers if timer.name == "notifications.measure")
    assert measure.run() == 1
    text = house.client.get("/metrics").text
    assert 'gongzheng_notification_messages{state="failed"} 1.0' in text
    assert 'gongzheng_notification_messages{state="waiting"} 1.0' in text
    assert 'gongzheng_notification_attempts_total{channel="email",outcome="permanent"}' in text
