"""Payment codes, receipt numbers, check codes, time stamps and agreements."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fees.adapters.chance import SystemChance
from fees.domain import payment_code
from fees.domain.agent import CollectingAgent, fresh
from fees.domain.errors import AgreementNotInForce, AgreementPeriodInvalid, ReceiptNotLive, SegmentInvalid
from fees.domain.receipt import Receipt, ReceiptState, Segment, make_check_code
from fees.domain.rules import default_rules

RULES = default_rules()
CHANCE = SystemChance()
_BODY = st.integers(0, 10**16 - 1).map(lambda n: f"{n:016d}")


@pytest.mark.req("F-02")
@given(_BODY)
def test_a_payment_code_has_twenty_digits_and_passes_its_own_check(body: str) -> None:
    """Prefix, random digits, two check digits."""
    code = payment_code.make(RULES.payment_code, lambda _: body)
    assert (len(code), code[:2], code[2:18]) == (20, "30", body)
    assert payment_code.well_formed(RULES.payment_code, code)


@pytest.mark.req("F-02")
@given(_BODY, st.integers(2, 19), st.integers(1, 9))
def test_one_wrong_digit_is_always_caught(body: str, place: int, shift: int) -> None:
    """Wherever it stands."""
    code = payment_code.make(RULES.payment_code, lambda _: body)
    wrong = code[:place] + str((int(code[place]) + shift) % 10) + code[place + 1 :]
    assert not payment_code.well_formed(RULES.payment_code, wrong)


@pytest.mark.req("F-02")
@given(_BODY, st.integers(2, 18))
def test_two_digits_exchanged_are_always_caught(body: str, place: int) -> None:
    """The other thing that fingers do."""
    code = payment_code.make(RULES.payment_code, lambda _: body)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert payment_code.well_formed(RULES.payment_code, swapped) is (swapped == code)


@pytest.mark.parametrize("text", ["", "30", "x" * 20, "٣" * 20, "30" + "0" * 19])
def test_what_is_no_code_is_not_well_formed(text: str) -> None:
    """Length, digits and prefix count."""
    assert not payment_code.well_formed(RULES.payment_code, text)


@pytest.mark.req("F-04")
def test_a_segment_gives_its_numbers_in_order_and_then_no_more() -> None:
    """Ten digits, no gap, and an error rather than a number beyond the last."""
    segment = Segment(id="s", code="32050126", first=9, last=10, next=9, loaded_on=date(2026, 1, 1))
    assert [segment.take(RULES.receipt), segment.take(RULES.receipt)] == ["0000000009", "0000000010"]
    assert segment.left == 0
    with pytest.raises(SegmentInvalid):
        segment.take(RULES.receipt)


@pytest.mark.parametrize(("code", "first", "last"), [("3205012", 1, 2), ("3205012x", 1, 2), ("32050126", 0, 2),
                                                     ("32050126", 3, 2), ("32050126", 1, 10**10)])  # fmt: skip
@pytest.mark.req("F-04")
def test_what_is_no_range_of_numbers_is_refused(code: str, first: int, last: int) -> None:
    """Eight digits of code; numbers of at most ten digits."""
    with pytest.raises(SegmentInvalid):
        Segment(id="s", code=code, first=first, last=last, next=first, loaded_on=date(2026, 1, 1)).check(RULES.receipt)


@pytest.mark.req("F-04")
def test_a_check_code_is_drawn_from_letters_that_cannot_be_misread() -> None:
    """Six of them; no 0, O, 1 or I."""
    code = make_check_code(RULES.receipt, CHANCE.choose)
    assert len(code) == 6
    assert not set(code) & set("01OI")


@pytest.mark.req("F-04")
def test_a_receipt_is_voided_once_and_its_check_code_compares_as_printed() -> None:
    """Letters typed small are the same letters."""
    receipt = Receipt(
        id="r", payment_id="p", obligation_id="o", segment_id="s", code="32050126", number="0000000001",
        check_code="7KQ2MX", currency="CNY", amount_fen=1, issued_on=date(2026, 11, 20),
    )  # fmt: skip
    assert receipt.matches(" 7kq2mx ")
    assert not receipt.matches("7KQ2MY")
    void = receipt.void("错", date(2026, 11, 21))
    assert void.state is ReceiptState.VOID
    with pytest.raises(ReceiptNotLive):
        void.void("错", date(2026, 11, 21))


@pytest.mark.parametrize(
    ("stamp", "good"),
    [("1000", True), ("1300", True), ("700", True), ("1301", False), ("699", False), ("", False), ("-5", False),
     ("1000.0", False), ("١٠٠٠", False), ("9" * 13, False)],
)  # fmt: skip
@pytest.mark.req("F-02")
def test_a_time_stamp_counts_for_five_minutes_either_way(stamp: str, *, good: bool) -> None:
    """Banks' clocks differ a little; recorded notices must not be played again later."""
    assert fresh(stamp, datetime.fromtimestamp(1000, UTC), 300) is good


@pytest.mark.parametrize(
    ("day", "covered"), [("2025-12-31", False), ("2026-01-01", True), ("2026-12-31", True), ("2027-01-01", False)]
)
@pytest.mark.req("F-02")
def test_an_agent_may_collect_from_the_first_to_the_last_day_of_its_agreement(day: str, *, covered: bool) -> None:
    """DECREE-235 5 and 6: both days belong to it."""
    bank = CollectingAgent(
        id="a", name_zh="行", name_en="Bank", agreement_reference="r",
        agreement_from=date(2026, 1, 1), agreement_until=date(2026, 12, 31),
    )  # fmt: skip
    if covered:
        bank.may_collect(date.fromisoformat(day))
    else:
        with pytest.raises(AgreementNotInForce):
            bank.may_collect(date.fromisoformat(day))


def test_an_agreement_ends_after_it_begins() -> None:
    """A period the wrong way round is refused."""
    bank = CollectingAgent(
        id="a", name_zh="行", name_en="Bank", agreement_reference="r",
        agreement_from=date(2026, 1, 2), agreement_until=date(2026, 1, 1),
    )  # fmt: skip
    with pytest.raises(AgreementPeriodInvalid):
        bank.check()
