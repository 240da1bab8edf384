"""The API of subscriptions: who may, what is refused, and a secret that is shown once."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.req("N-05")

URL = "http://127.0.0.1:9/hook"
BODY: dict[str, Any] = {"name": "Archive", "url": URL, "types": ["cn.gongzheng.cases.*"]}


def test_the_secret_is_in_the_answer_that_created_it_and_in_no_other(house: Any) -> None:
    """A repetition with the same key is the same answer; reading and listing show none."""
    made = house.subscriber.post("/subscriptions", BODY, idempotency_key="once-and-again")
    secret = made.expect(201)["secret"]
    assert secret.startswith("whsec_")
    again = house.subscriber.post("/subscriptions", BODY, idempotency_key="once-and-again")
    assert again.expect(201)["secret"] == secret
    read = house.subscriber.get(f"/subscriptions/{made.json['subscription_id']}")
    listed = house.subscriber.get("/subscriptions")
    assert "whsec_" not in read.text + listed.text
    assert len(listed.expect(200)["items"]) == 1
    assert house.rows("SELECT count(*) FROM subscription") == [(1,)]
    assert secret.removeprefix("whsec_") not in str(
        house.rows("SELECT * FROM subscription") + house.rows("SELECT * FROM idempotency")
    )


@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.1/hook", "https://192.168.1.1/", "https://169.254.169.254/latest/meta-data/", "https://[::1]/",
     "https://[::ffff:10.0.0.1]/", "https://0x0a000001/", "https://167772161/", "ftp://127.0.0.1/", "https://u@127.0.0.1/"],
)  # fmt: skip
def test_an_address_of_the_inside_is_refused_at_the_door(house: Any, url: str) -> None:
    """Also when it is written as one number; the answer names the field."""
    problem = house.subscriber.post("/subscriptions", BODY | {"url": url}).expect(422, "destination-refused")
    assert "url" in problem["errors"]


def test_loopback_is_refused_unless_the_operator_allows_it(open_house: Callable[..., Any], tmp_path: Any) -> None:
    """Without the setting, this very test could not subscribe."""
    house = open_house(f"sqlite:///{tmp_path}/closed.db", webhook_allowed_networks=())
    house.subscriber.post("/subscriptions", BODY).expect(422, "destination-refused")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"types": ["cn.gongzheng.nobody.*"]}, "unknown-event-type"),
        ({"types": ["cn.gongzheng.cases.case.filed.v9"]}, "unknown-event-type"),
        ({"types": []}, "invalid"),
        ({"types": ["Nonsense!"]}, "invalid"),
        ({"contact_email": "nobody"}, "destination-refused"),
        ({"name": ""}, "invalid"),
        ({"colour": "red"}, "invalid"),
    ],
)
def test_what_makes_no_sense_is_refused(house: Any, change: dict[str, Any], code: str) -> None:
    """Filters that match nothing, addresses that are none, fields that nobody knows."""
    house.subscriber.post("/subscriptions", BODY | change).expect(422, code)


def test_a_subscriber_knows_of_its_own_subscriptions_and_of_no_others(house: Any) -> None:
    """Somebody else's is not forbidden but not there; operators and auditors see all."""
    made = house.subscribe(URL)
    path = f"/subscriptions/{made['subscription_id']}"
    stranger = house.user("notifications.subscriber", subject="stranger")
    for step in ("GET ", "DELETE ", "POST /secret", "POST /disablement", "POST /resumption", "GET /deliveries"):
        method, _, below = step.partition(" ")
        stranger.send(method, path + below).expect(404, "subscription-not-found")
    assert stranger.get("/subscriptions").expect(200)["items"] == []
    for role in ("notifications.operator", "auditor"):
        assert len(house.user(role).get("/subscriptions").expect(200)["items"]) == 1


def test_a_delivery_of_somebody_else_is_not_there(house: Any) -> None:
    """Nor can it be redriven or skipped."""
    house.subscribe(URL, "cn.gongzheng.cases.*")
    house.hear(house.decision())
    delivery_id = house.rows("SELECT id FROM delivery")[0][0]
    stranger = house.user("notifications.subscriber", subject="stranger")
    stranger.get(f"/deliveries/{delivery_id}").expect(404, "delivery-not-found")
    stranger.post(f"/deliveries/{delivery_id}/redrive", if_match=0).expect(404)
    stranger.post(f"/deliveries/{delivery_id}/skip", if_match=0).expect(404)
    house.subscriber.get(f"/deliveries/{delivery_id}").expect(200)


def test_every_change_needs_the_version_that_was_seen(house: Any) -> None:
    """428 without one, 412 with an old one."""
    made = house.subscribe(URL)
    path = f"/subscriptions/{made['subscription_id']}"
    house.subscriber.post(f"{path}/disablement", if_match=None).expect(428)
    house.subscriber.post(f"{path}/disablement").expect(200)
    house.subscriber.post(f"{path}/resumption", if_match=0).expect(412)
    house.subscriber.post(f"{path}/resumption").expect(200)
    house.subscriber.post(f"{path}/resumption").expect(409, "subscription-state")


@pytest.mark.req("X-07")
def test_each_change_is_on_the_audit_record_with_its_author(house: Any) -> None:
    """Ids only."""
    made = house.subscribe(URL, contact_email="owner@example.cn")
    path = f"/subscriptions/{made['subscription_id']}"
    for below in ("/disablement", "/resumption", "/secret"):
        house.subscriber.post(path + below).expect(200)
    house.subscriber.send("DELETE", path).expect(200)
    rows = house.rows("SELECT action, actor, resource, facts FROM audit WHERE action LIKE 'subscription.%' ORDER BY id")
    assert [row[0].removeprefix("subscription.") for row in rows] == [
        "create", "disable", "resume", "change_secret", "end",
    ]  # fmt: skip
    assert {row[1] for row in rows} == {"user-notifications.subscriber"}
    assert "owner@example.cn" not in str(rows)


def test_pages_of_deliveries_join_without_gap_or_overlap(house: Any) -> None:
    """Newest first, by cursor."""
    made = house.subscribe(URL, "cn.gongzheng.cases.*")
    house.hear(*[house.decision() for _ in range(7)])
    seen: list[str] = []
    cursor = None
    while True:
        page = house.subscriber.get(
            f"/subscriptions/{made['subscription_id']}/deliveries", limit=3, after=cursor
        ).expect(200)
        seen += [item["delivery_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7
    assert seen == sorted(seen, reverse=True)
