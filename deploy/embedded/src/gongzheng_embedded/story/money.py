"""The money: a bank under agreement, receipt numbers, two part payments, a late one, and what is refused or held."""

import base64
import json
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gongzheng_embedded.story import people
from gongzheng_embedded.story.client import Answer, StoryError, eventually
from gongzheng_embedded.story.days import LATE_DAYS
from gongzheng_embedded.story.teller import Step, Story

SHANGHAI = ZoneInfo("Asia/Shanghai")
BANK_COUNTER = time_of_day(10, 0)
FIRST_PART_FEN = 2_000_000
TOO_MUCH_FEN = 100_000
SECOND_CASE_ON_TIME_FEN = 10_000_000
PERMILLE_PER_DAY = 30  # three per cent a day (APL 72)
SEGMENT = {"region": "99", "category": "01", "kind": "01", "first": 1, "last": 1000}


def register_bank(story: Story) -> None:
    """An agreement with a bank and a segment of receipt numbers (Decree 235, article 6; APL 70)."""
    if "bank_seed" not in story.memory:
        story.memory.keep(bank_seed=base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode())
    public = base64.b64encode(_bank_key(story).public_key().public_bytes_raw()).decode()
    body = {
        "name_zh": "明州银行云湖支行",
        "name_en": "Bank of Mingzhou, Yunhu branch",
        "agreement_reference": f"代收协议 {story.client.run}",
        "agreement_from": (story.days.reported - timedelta(days=300)).isoformat(),
        "public_key": public,
    }
    bank = story.client.create("fees", "/collecting-agents", body, who=people.ACCOUNTANT, key="bank")
    story.memory.keep(bank={"agent": bank["agent_id"], "key": bank["key"]["key_id"]})
    numbers = SEGMENT | {"year": f"{story.days.today:%y}"}
    story.client.create("fees", "/receipt-segments", numbers, who=people.ACCOUNTANT, key="segment")


def refuse_joined_roles(story: Story) -> None:
    """Whoever decides does not collect: the token itself is refused (APL 67)."""
    story.refused(
        "decider-and-cashier",
        story.client.send("GET", "fees", "/obligations", who=people.HEAD_AND_CASHIER),
        status=403,
        code="role-pair-forbidden",
        law=["APL 67"],
        zh="一人兼任决定与收缴",
        en="One person both decides and collects",
    )


def await_obligation(story: Story, case: str) -> dict[str, Any]:
    """The obligation that the served decision brings about; nobody enters it."""

    def look() -> Any:
        found = story.client.get("fees", f"/obligations?case_id={story.memory[case]}", who=people.ACCOUNTANT)
        return found["items"][0] if found["items"] else None

    owed: dict[str, Any] = eventually(f"an obligation for the {case} case", look)
    return owed


def owe_main(story: Story) -> None:
    """The citizen's case: the decision has become an obligation with a payment code."""
    owed = await_obligation(story, "main")
    story.memory.keep(
        main_obligation=owed["obligation_id"], main_code=owed["payment_code"], main_owed_fen=owed["principal_fen"]
    )
    asked = {"document_number": owed["document_number"], "payment_code": owed["payment_code"]}
    shown = story.client.send("POST", "fees", "/public/obligations/lookup", body=asked)
    if shown.status != 200 or shown["outstanding_fen"] + shown["paid_fen"] != owed["principal_fen"]:  # noqa: PLR2004
        raise StoryError(f"the payer cannot look up what is owed: {shown.status} {shown.body}")


def refuse_bad_notices(story: Story) -> None:
    """A notice nobody signed, and a charge that stands on nothing."""
    story.refused(
        "bad-signature",
        _notify(story, "forged", code=story.memory["main_code"], amount_fen=FIRST_PART_FEN, forged=True),
        status=401,
        code="bad-signature",
        law=["DECREE-235 6"],
        zh="签名不符的缴款通知",
        en="A payment notice with a bad signature",
    )
    items = [
        {"description_code": "fine", "amount_fen": FIRST_PART_FEN - 5_000},
        {"description_code": "handling-fee", "amount_fen": 5_000},
    ]
    story.refused(
        "charge-without-basis",
        _notify(story, "piggyback", code=story.memory["main_code"], amount_fen=FIRST_PART_FEN, items=items),
        status=422,
        code="charge-without-basis",
        law=["CONDUCT 13"],
        zh="搭车收取“手续费”",
        en="A “handling fee” charged along with the fine",
    )


def pay_first_part(story: Story) -> None:
    """The bank tells of a first part; told twice, it counts once."""
    once = _notify(story, "part-1", code=story.memory["main_code"], amount_fen=FIRST_PART_FEN)
    again = _notify(story, "part-1", code=story.memory["main_code"], amount_fen=FIRST_PART_FEN)
    if once.status != 201 or again.body != once.body or once["outcome"] != "booked":  # noqa: PLR2004
        raise StoryError(f"the first part was not booked once: {once.status} {once.body} / {again.body}")
    story.memory.keep(receipts=[once["receipt"]["receipt_number"]])


def pay_the_rest_and_too_much(story: Story) -> None:
    """The second part is larger than what is owed: what is too much is held, not lost."""
    rest = story.memory["main_owed_fen"] - FIRST_PART_FEN
    paid = _notify(story, "part-2", code=story.memory["main_code"], amount_fen=rest + TOO_MUCH_FEN)
    if paid.status != 201 or (paid["payment"]["amount_fen"], paid["deposit"]["amount_fen"]) != (rest, TOO_MUCH_FEN):  # noqa: PLR2004
        raise StoryError(f"the overpayment was not split: {paid.status} {paid.body}")
    receipts = [*story.memory["receipts"][:1], paid["receipt"]["receipt_number"]]
    story.memory.keep(held_fen=paid["deposit"]["amount_fen"], held_reason=paid["deposit"]["reason"], receipts=receipts)
    owed = story.client.get("fees", f"/obligations/{story.memory['main_obligation']}", who=people.ACCOUNTANT)
    if (owed["state"], owed["outstanding_fen"]) != ("settled", 0):
        raise StoryError(f"the obligation is not settled: {owed.body}")


def pay_second_case_late(story: Story) -> None:
    """The inspection's case: a part in time, the rest five days late with three per cent a day (APL 72)."""
    owed = await_obligation(story, "second")
    due_on = date.fromisoformat(owed["due_on"])
    rest = owed["principal_fen"] - SECOND_CASE_ON_TIME_FEN
    surcharge = (owed["fine_fen"] - SECOND_CASE_ON_TIME_FEN) * PERMILLE_PER_DAY * LATE_DAYS // 1000
    in_time, late = due_on - timedelta(days=1), due_on + timedelta(days=LATE_DAYS)
    code = owed["payment_code"]
    first = _notify(story, "second-1", code=code, amount_fen=SECOND_CASE_ON_TIME_FEN, paid_on=in_time)
    second = _notify(story, "second-2", code=code, amount_fen=rest + surcharge, paid_on=late)
    for paid in (first, second):
        if paid.status != 201 or paid["outcome"] != "booked":  # noqa: PLR2004
            raise StoryError(f"a payment of the second case was not booked: {paid.status} {paid.body}")
    if second["payment"]["surcharge_fen"] != surcharge:
        raise StoryError(f"surcharge {second['payment']['surcharge_fen']} instead of {surcharge}")
    trace = story.client.get("fees", f"/obligations/{owed['obligation_id']}/surcharge", who=people.ACCOUNTANT)
    if sum(day["added_fen"] for day in trace["days"]) != surcharge:
        raise StoryError(f"the trace of the surcharge does not add up: {trace.body}")
    story.memory.keep(
        second_obligation=owed["obligation_id"],
        surcharge_fen=surcharge,
        second_paid_fen=owed["principal_fen"] + surcharge,
        second_receipts=[paid["receipt"]["receipt_number"] for paid in (first, second)],
    )


def check_books(story: Story) -> None:
    """Every receipt is genuine, the ledger balances, and every decision with money has exactly one obligation."""
    for number in (*story.memory["receipts"], *story.memory["second_receipts"]):
        receipt = story.client.get("fees", f"/receipts/{number}", who=people.ACCOUNTANT)
        asked = {name: receipt[name] for name in ("receipt_code", "receipt_number", "check_code")}
        verified = story.client.send("POST", "fees", "/public/receipts/verification", body=asked)
        if verified.status != 200 or verified["amount_fen"] != receipt["amount_fen"]:  # noqa: PLR2004
            raise StoryError(f"receipt {number} is not confirmed: {verified.status} {verified.body}")
    accounts = story.client.get("fees", "/ledger/accounts", who=people.ACCOUNTANT)["items"]
    if sum(account["balance_fen"] for account in accounts if account["currency"] == "CNY") != 0:
        raise StoryError(f"the ledger does not balance: {accounts}")
    parity = story.client.get("fees", "/parity", who=people.ACCOUNTANT)
    if not parity["holds"]:
        raise StoryError(f"decisions and obligations do not match: {parity.body}")


def _notify(
    story: Story,
    name: str,
    *,
    code: str,
    amount_fen: int,
    paid_on: date | None = None,
    items: list[dict[str, Any]] | None = None,
    forged: bool = False,
) -> Answer:
    body = {
        "payment_code": code,
        "amount_fen": amount_fen,
        "currency": "CNY",
        "paid_at": _paid_at(story, paid_on),
        "bank_reference": f"{story.client.run}-{name}",
        "items": items or [],
    }
    raw, stamp = json.dumps(body, sort_keys=True).encode(), str(int(time.time()))
    signature = _bank_key(story).sign(stamp.encode() + b"." + raw)
    if forged:
        signature = bytes([signature[0] ^ 1]) + signature[1:]
    headers = {
        "Gongzheng-Agent": story.memory["bank"]["agent"],
        "Gongzheng-Key": story.memory["bank"]["key"],
        "Gongzheng-Timestamp": stamp,
        "Gongzheng-Signature": base64.b64encode(signature).decode(),
    }
    return story.client.send("POST", "fees", "/payment-notices", raw=raw, key=name, headers=headers)


def _paid_at(story: Story, paid_on: date | None) -> str:
    """A moment at the bank's counter; today's payments carry the moment at which the story began to be told."""
    if paid_on is None:
        return str(story.memory["began_at"])
    return datetime.combine(paid_on, BANK_COUNTER, SHANGHAI).astimezone(UTC).isoformat().replace("+00:00", "Z")


def _bank_key(story: Story) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(story.memory["bank_seed"]))


BANK = Step("bank", "会计登记代收银行与票据号段", "The accountant registers a bank and receipt numbers", register_bank)
MONEY = (
    Step(
        "owed",
        "送达的决定成为应缴记录，附缴款码",
        "The served decision becomes an obligation with its payment code",
        owe_main,
    ),
    Step("joined-roles", "试：一人既决定又收缴", "Tried: one person decides and collects", refuse_joined_roles),
    Step(
        "bad-notices",
        "试：伪造签名；试：搭车收费",
        "Tried: a forged notice; a charge without basis",
        refuse_bad_notices,
    ),
    Step("part-1", "银行代收第一笔", "The bank collects a first part", pay_first_part),
    Step("part-2", "代收余款，多缴部分暂存", "The rest is paid, and too much is held", pay_the_rest_and_too_much),
)
SECOND_MONEY = (
    Step(
        "second-paid", "另案逾期缴纳，加处罚款", "The other case is paid late, with a surcharge", pay_second_case_late
    ),
)
BOOKS = Step("books", "核对票据、账簿与一一对应", "Receipts, ledger and parity are checked", check_books)
