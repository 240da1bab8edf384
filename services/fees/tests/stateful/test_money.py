"""The ledger under whatever a bank and the calendar may do, held against an independent count at each step."""

import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

DUE = date(2026, 11, 30)


def counted(fine: int, confiscation: int, paid: list[tuple[date, int]], until: date) -> tuple[int, int, int]:
    """Surcharge, booked and excess, counted without the service's code: in fractions, day by day."""
    accrued, held = Fraction(0), 0
    owed = {"fine": fine, "confiscation": confiscation, "surcharge": 0}
    got = dict.fromkeys(owed, 0)
    day = min([DUE, until, *(on for on, _ in paid)])
    while day <= until:
        if day > DUE:
            accrued = min(accrued + Fraction((fine - got["fine"]) * 3, 100), Fraction(fine))
            owed["surcharge"] = int(accrued)
        for on, amount in paid:
            left = amount if on == day else 0
            for part, due in owed.items():
                taken = min(left, due - got[part])
                got[part], left = got[part] + taken, left - taken
            held += left
        day += timedelta(days=1)
    return owed["surcharge"], sum(got.values()), held


class Money(RuleBasedStateMachine):
    """One debt, one bank, and days that pass."""

    house: ClassVar[Any]
    fresh: ClassVar[bytes]
    path: ClassVar[Path]

    @initialize(fine=st.integers(1, 2_000), confiscation=st.integers(0, 1_000), numbers=st.integers(0, 3))
    def serve(self, fine: int, confiscation: int, numbers: int) -> None:
        """A decision is served; a few receipt numbers are there, or none."""
        self.start_over()
        self.fine, self.confiscation = fine, confiscation
        self.bank = self.house.bank()
        self.debt = self.house.owe(fine_fen=fine, confiscation_fen=confiscation)
        self.counted: list[tuple[date, int]] = []
        self.told: list[dict[str, Any]] = []
        self.sent_fen = self.held_fen = 0
        self.settled = False
        self.booked_through = date.min
        if numbers:
            self.load(numbers)

    def start_over(self) -> None:
        """Each run has a database of its own, so that what it finds depends on nothing before it."""
        self.house.service.database.close()
        for leftover in self.path.parent.iterdir():
            leftover.unlink()
        self.path.write_bytes(self.fresh)
        self.house.on("2026-11-23")
        self.numbers = 0

    def load(self, numbers: int) -> None:
        """The finance department gives out numbers."""
        self.house.load(self.numbers + 1, self.numbers + numbers)
        self.numbers += numbers

    @rule(numbers=st.integers(1, 3))
    def load_numbers(self, numbers: int) -> None:
        """More receipt numbers arrive."""
        self.load(numbers)

    @rule(amount=st.one_of(st.integers(1, 700), st.integers(701, 9_000)), days_ago=st.integers(0, 6))
    def pay(self, amount: int, days_ago: int) -> None:
        """The bank tells of a payment, perhaps days after it was made."""
        moment = self.house.clock.now() - timedelta(days=days_ago)
        notice = self.bank.notice(self.debt["payment_code"], amount, paid_at=moment.isoformat())
        answer = self.bank.send(notice).expect(201)
        self.told.append(notice)
        self.sent_fen += amount
        paid_on = date.fromisoformat((moment + timedelta(hours=8)).date().isoformat())
        if self.settled:
            assert answer["outcome"] == "held"
            self.held_fen += amount
            return
        self.counted.append((paid_on, amount))
        self.booked_through = max(self.booked_through, *(on for on, _ in self.counted))
        surcharge, booked, excess = counted(self.fine, self.confiscation, self.counted, self.booked_through)
        self.held_fen += excess
        self.settled = booked == self.fine + self.confiscation + surcharge
        assert (answer["deposit"] or {"amount_fen": 0})["amount_fen"] == excess

    @rule(amount=st.integers(1, 500))
    def pay_to_nobody(self, amount: int) -> None:
        """A code that nobody owes."""
        assert self.bank.pay("30000000000000000047", amount)["outcome"] == "held"
        self.sent_fen += amount
        self.held_fen += amount

    @rule(data=st.data())
    def tell_again(self, data: st.DataObject) -> None:
        """The bank repeats itself, under a new key."""
        if self.told:
            assert self.bank.send(data.draw(st.sampled_from(self.told))).expect(201)["repeated"] is True

    @rule(data=st.data())
    def contradict(self, data: st.DataObject) -> None:
        """The bank uses a reference again for another sum."""
        if self.told:
            notice = data.draw(st.sampled_from(self.told))
            self.bank.send(notice | {"amount_fen": notice["amount_fen"] + 1}).expect(409, "bank-reference-conflict")

    @rule(amount=st.integers(1, 500))
    def charge(self, amount: int) -> None:
        """The bank asks for a fee beside the fine."""
        items = [{"description_code": "training_fee", "amount_fen": amount}]
        notice = self.bank.notice(self.debt["payment_code"], amount, items=items)
        self.bank.send(notice).expect(422, "charge-without-basis")

    @rule(days=st.integers(1, 5))
    def pass_days(self, days: int) -> None:
        """Days pass, and the timers run."""
        self.house.clock.advance(timedelta(days=days))
        self.house.run_timers()
        today = (self.house.clock.now() + timedelta(hours=8)).date()
        if not self.settled and today > DUE:
            self.booked_through = max(self.booked_through, today)
        booked = self.house.auditor.get("/obligations", case_id=self.debt["case_id"]).expect(200)["items"][0]
        derived = self.house.obligation(self.debt["obligation_id"])
        assert booked["surcharge_fen"] == derived["surcharge_fen"], "the timers bring the books to the day"

    @invariant()
    def owed_is_decided_plus_surcharge_minus_paid(self) -> None:
        """The service's figures are those of the independent count."""
        if not hasattr(self, "debt"):
            return
        today = (self.house.clock.now() + timedelta(hours=8)).date()
        until = self.booked_through if self.settled else max(today, *(on for on, _ in self.counted), date.min)
        surcharge, booked, _ = counted(self.fine, self.confiscation, self.counted, until)
        shown = self.house.obligation(self.debt["obligation_id"])
        assert (shown["surcharge_fen"], shown["paid_fen"]) == (surcharge, booked)
        assert shown["outstanding_fen"] == self.fine + self.confiscation + surcharge - booked
        assert (shown["state"] == "settled") is self.settled

    @invariant()
    def no_fen_is_lost(self) -> None:
        """What the bank told of is booked or held."""
        if hasattr(self, "debt"):
            shown = self.house.obligation(self.debt["obligation_id"])
            assert self.sent_fen == shown["paid_fen"] + self.held_fen

    @invariant()
    def debits_are_credits_and_receipts_are_payments(self) -> None:
        """In the whole database, each time."""
        if not hasattr(self, "debt"):
            return
        ask = self.house.service.mechanism.execute
        assert ask("SELECT coalesce(sum(amount_fen), 0) FROM ledger_posting").fetchone()[0] == 0
        live = ask("SELECT count(*) FROM receipt WHERE state = 'live'").fetchone()[0]
        waiting = ask("SELECT count(*) FROM receipt_waiting").fetchone()[0]
        assert live + waiting == ask("SELECT count(*) FROM payment").fetchone()[0]

    def teardown(self) -> None:
        """The books verify, and each event was said once."""
        assert self.house.verify().faults == []
        if hasattr(self, "debt"):
            mine = [e for e in self.house.published() if e.subject == self.debt["obligation_id"]]
            types = [event.type.split(".")[3:5] for event in mine]
            for once in (["obligation", "settled"], ["obligation", "overdue"]):
                assert types.count(once) <= 1
            assert types.count(["obligation", "settled"]) == int(self.settled)


@pytest.fixture
def machine(open_house: Callable[..., Any]) -> Iterator[type[Money]]:
    """The machine over a service of its own."""
    with tempfile.TemporaryDirectory() as folder:
        Money.path = Path(folder) / "fees.db"
        Money.house = open_house(f"sqlite:///{Money.path}")
        Money.house.service.database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        Money.house.service.database.close()
        Money.fresh = Money.path.read_bytes()
        yield Money


@pytest.mark.req("F-02")
@pytest.mark.req("F-05")
@pytest.mark.req("F-06")
def test_whatever_bank_and_calendar_do_the_books_hold(machine: type[Money]) -> None:
    """Notices, part payments, overpayments, repetitions, contradictions, late notices, fees, days."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=20, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
