"""E-mail: a real SMTP conversation, its failures stage by stage, and what happens when a worker dies in the middle."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

import pytest

from notifications.adapters.mail import SmtpChannel, SmtpSettings
from notifications.domain.outcome import Outcome, OutcomeKind
from notifications.handlers.send_message import Parcel, claim_message, finish_message

if TYPE_CHECKING:
    from gongzheng_embedded.mailcatcher import MailCatcher

PARTY = {"party_id": "party-1", "name": "张三", "kind": "person", "email": "zhang.san@example.cn", "language": "zh"}
PARCEL = Parcel(
    message_id="01K9ZT3V7Q8RXB0M2N4P6S8T1A",
    claim="K",
    address="zhang.san@example.cn",
    language="both",
    subject="决定书 / Decision",
    body="第一行\n.\n..两点\n.end\n",
)


def relay_at(port: int, **changed: Any) -> SmtpSettings:
    """A relay on loopback."""
    settings = SmtpSettings.from_url(
        f"smtp://127.0.0.1:{port}", sender="no-reply@gongzheng.example", sender_name="公正", message_domain="gz.example"
    )
    return replace(settings, timeout_s=1.0, **changed)


@contextmanager
def scripted_relay(*answers: str) -> Iterator[int]:
    """A relay that says these lines one after another, whatever it hears, and then hangs up; "" says nothing."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as heard:
            in_content = False
            for answer in answers:
                if answer:
                    connection.sendall(f"{answer}\r\n".encode())
                in_content = answer.startswith("354")
                while line := heard.readline():
                    if not in_content or line == b".\r\n":
                        break

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        thread.join(3)


@pytest.mark.req("N-02")
def test_a_message_arrives_whole_with_its_own_message_id(house: Any, catcher: "MailCatcher") -> None:
    """Chinese subject and body, lines that begin with dots, both languages named."""
    channel = SmtpChannel(relay_at(catcher.port), house.clock)
    assert channel.send(PARCEL) == Outcome(kind=OutcomeKind.ACCEPTED, code="smtp-250")
    channel.close()
    (mail,) = catcher.mailbox.all()
    message = message_from_bytes(mail.raw, policy=default)
    assert message["Message-ID"] == f"<{PARCEL.message_id}@gz.example>"
    assert message["Subject"] == PARCEL.subject
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "zh-CN, en"
    assert mail.text.replace("\r\n", "\n").rstrip() == PARCEL.body.rstrip()
    assert mail.recipients == (PARCEL.address,)


@pytest.mark.req("N-02")
def test_several_messages_share_one_connection_and_a_dropped_one_is_replaced(
    house: Any, catcher: "MailCatcher"
) -> None:
    """A relay may end an idle conversation; that is no failed attempt."""
    channel = SmtpChannel(relay_at(catcher.port), house.clock)
    assert channel.send(PARCEL).accepted
    conversation = channel._smtp
    assert channel.send(PARCEL).accepted
    assert channel._smtp is conversation
    assert conversation is not None
    assert conversation.sock is not None
    conversation.sock.shutdown(socket.SHUT_RDWR)
    assert channel.send(PARCEL).accepted
    channel.close()
    assert len(catcher.messages()) == 3


HELLO = ("220 relay", "250 relay")


@pytest.mark.req("N-03")
@pytest.mark.parametrize(
    ("answers", "kind", "code"),
    [
        (("421 busy",), OutcomeKind.TEMPORARY, "smtp-421"),
        ((*HELLO, "451 later"), OutcomeKind.TEMPORARY, "smtp-sender-451"),
        ((*HELLO, "550 not you"), OutcomeKind.TEMPORARY, "smtp-sender-550"),
        ((*HELLO, "250 ok", "450 busy mailbox"), OutcomeKind.TEMPORARY, "smtp-450"),
        ((*HELLO, "250 ok", "550 no such user"), OutcomeKind.PERMANENT, "smtp-550"),
        ((*HELLO, "250 ok", "250 ok", "452 full"), OutcomeKind.TEMPORARY, "smtp-452"),
        ((*HELLO, "250 ok", "250 ok", "354 go", "451 later"), OutcomeKind.TEMPORARY, "smtp-451"),
        ((*HELLO, "250 ok", "250 ok", "354 go", "554 no thanks"), OutcomeKind.PERMANENT, "smtp-554"),
        ((*HELLO, "250 ok", "250 ok"), OutcomeKind.TEMPORARY, "smtp-disconnected"),
        ((*HELLO, "250 ok", "250 ok", "354 go"), OutcomeKind.UNKNOWN, "smtp-answer-lost"),
        ((*HELLO, "250 ok", "250 ok", "354 go", ""), OutcomeKind.UNKNOWN, "smtp-answer-lost"),
    ],
)
def test_each_stage_of_the_conversation_says_what_its_failure_means(
    house: Any, answers: tuple[str, ...], kind: OutcomeKind, code: str
) -> None:
    """Only after the closing dot can the relay have taken the message without our knowing."""
    with scripted_relay(*answers) as port:
        outcome = SmtpChannel(relay_at(port), house.clock).send(PARCEL)
    assert (outcome.kind, outcome.code) == (kind, code)


@pytest.mark.req("N-03")
def test_a_relay_that_is_not_there_is_an_outage_and_no_refusal(house: Any) -> None:
    """Nothing is given up because the relay is being restarted."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    outcome = SmtpChannel(relay_at(port), house.clock).send(PARCEL)
    assert (outcome.kind, outcome.code, outcome.unreachable) == (OutcomeKind.TEMPORARY, "smtp-unreachable", True)


@pytest.mark.req("N-02")
def test_encryption_that_was_asked_for_is_insisted_on(house: Any, catcher: "MailCatcher") -> None:
    """A relay without STARTTLS gets no message in clear text, and no TLS relay is none either."""
    refused = SmtpChannel(relay_at(catcher.port, mode="smtp+starttls"), house.clock).send(PARCEL)
    assert (refused.kind, refused.code) == (OutcomeKind.TEMPORARY, "smtp-not-supported")
    assert SmtpChannel(relay_at(catcher.port, mode="smtps"), house.clock).send(PARCEL).kind is OutcomeKind.TEMPORARY
    assert catcher.messages() == []


@pytest.mark.parametrize(
    "url", ["smtp://u:p@relay.example", "imap://relay.example", "smtp://", "smtp://relay.example/x"]
)
def test_a_relay_address_that_would_leak_or_means_nothing_is_refused(url: str) -> None:
    """No password in clear text."""
    with pytest.raises(ValueError, match="must"):
        SmtpSettings.from_url(url, sender="a@b.cn", sender_name="x", message_domain="b.cn")


def test_a_relay_address_is_read_with_its_user_and_port() -> None:
    """Percent-encoded passwords, default ports."""
    read = SmtpSettings.from_url(
        "smtps://u:p%40ss@relay.example", sender="a@b.cn", sender_name="x", message_domain="b.cn"
    )
    assert (read.mode, read.port, read.user, read.password) == ("smtps", 465, "u", "p@ss")


def failed_once(house: Any, email: str) -> str:
    """A message to an address that the catcher refuses or defers, after its first attempt; its id."""
    house.hear(house.decision(party=PARTY | {"email": email}))
    assert house.send_mail() == 1
    return str(house.rows("SELECT id FROM message")[0][0])


@pytest.mark.req("N-03")
def test_a_deferred_message_climbs_its_ladder_over_days_and_stays_on_record(
    any_house: Any, catcher: "MailCatcher"
) -> None:
    """Nothing between the steps; nine attempts; then failed, kept, shown, made known, redriven."""
    message_id = failed_once(any_house, "defer451@example.cn")
    steps = any_house.uow().policy.ladders["email"].steps_s
    for step in steps:
        any_house.wait(seconds=step - 1)
        assert any_house.send_mail() == 0
        any_house.wait(seconds=1)
        assert any_house.send_mail() == 1
    any_house.wait(days=30)
    assert any_house.send_mail() == 0
    shown = any_house.operator.get("/messages", state="failed").expect(200)["items"]
    assert [(m["message_id"], m["reason"], m["attempts"]) for m in shown] == [(message_id, "smtp-451", len(steps) + 1)]
    (event,) = any_house.published("message.failed")
    assert event.data["attempts"] == len(steps) + 1
    operator = any_house.operator
    detail = operator.get(f"/messages/{message_id}").expect(200)
    assert [a["code"] for a in detail["attempt_list"]] == ["smtp-451"] * (len(steps) + 1)
    operator.post(f"/messages/{message_id}/redrive").expect(200)
    assert any_house.send_mail() == 1
    assert catcher.messages() == []


@pytest.mark.req("N-03")
def test_an_address_that_does_not_exist_is_given_up_at_once(house: Any) -> None:
    """550 is an answer, not an outage."""
    failed_once(house, "refuse550@example.cn")
    (event,) = house.published("message.failed")
    assert event.data["reason"] == "smtp-550"


@pytest.mark.req("N-03")
@pytest.mark.req("N-07")
def test_a_worker_that_dies_between_sending_and_recording_sends_again_under_the_same_message_id(
    any_house: Any, catcher: "MailCatcher"
) -> None:
    """SMTP cannot tell, so the record does: perhaps sent, sent again, one Message-ID for the recipient's client."""
    any_house.hear(any_house.decision())
    parcel = claim_message(any_house.uow(), "email")
    assert parcel is not None
    assert any_house.channel.send(parcel).accepted  # and here the worker dies
    assert any_house.send_mail() == 0
    any_house.wait(seconds=any_house.uow().policy.lease.total_seconds() + 1)
    assert any_house.sweep() == 1
    assert any_house.send_mail() == 1
    assert len({mail["message_id"] for mail in catcher.messages()}) == 1
    assert len(catcher.messages()) == 2
    detail = any_house.operator.get(f"/messages/{parcel.message_id}").expect(200)
    assert [line["what"] for line in detail["timeline"]] == [
        "queued", "waiting", "addressed", "sending", "maybe_sent", "sending", "sent",
    ]  # fmt: skip
    assert [a["outcome"] for a in detail["attempt_list"]] == ["unknown", "accepted"]
    assert detail["maybe_repeated"]
    (event,) = any_house.published("message.sent")
    assert event.data["maybe_repeated"]
    assert event.data["attempts"] == 2


@pytest.mark.req("N-03")
def test_a_worker_that_was_only_slow_completes_its_attempt_and_changes_nothing_else(any_house: Any) -> None:
    """Its claim had run out and the message was in other hands."""
    any_house.hear(any_house.decision())
    slow = claim_message(any_house.uow(), "email")
    assert slow is not None
    any_house.wait(seconds=any_house.uow().policy.lease.total_seconds() + 1)
    any_house.sweep()
    quick = claim_message(any_house.uow(), "email")
    assert quick is not None
    accepted = Outcome(kind=OutcomeKind.ACCEPTED, code="smtp-250")
    assert not finish_message(any_house.uow(), slow, accepted)
    assert any_house.rows("SELECT state FROM message") == [("sending",)]
    assert finish_message(any_house.uow(), quick, accepted)
    assert len(any_house.published("message.sent")) == 1
    assert [row[0] for row in any_house.rows("SELECT outcome FROM attempt ORDER BY number")] == ["accepted", "accepted"]


@pytest.mark.req("N-03")
def test_a_fault_of_our_own_becomes_an_attempt_and_not_a_loop(house: Any) -> None:
    """The message is tried again on its ladder, and the thread lives."""

    class Broken:
        name = "email"

        def send(self, parcel: Parcel) -> Outcome:
            raise RuntimeError(parcel.message_id)

        def close(self) -> None:
            """Nothing is open."""

    house.hear(house.decision())
    house.channel = Broken()
    assert house.send_mail() == 1
    assert house.send_mail() == 0
    assert house.rows("SELECT state, reason, maybe_repeated FROM message")[0][:2] == ("due", "internal-error")


@pytest.mark.req("N-03")
def test_two_workers_never_hold_the_same_message(open_house: Callable[..., Any], postgres_database: str) -> None:
    """While one transaction holds the row, another passes over it."""
    house = open_house(postgres_database)
    house.hear(house.decision())
    found: list[Any] = []
    with house.uow() as uow:
        first = uow.messages.next_due("email", uow.now)
        other = threading.Thread(target=lambda: found.append(claim_message(house.uow(), "email")))
        other.start()
        other.join(10)
    assert first is not None
    assert found == [None]
