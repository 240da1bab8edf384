"""The rules of money as data: read from ``fees/rules/*.toml`` once, checked, and handed to the pure functions.

Each row states its article (``law``) or says that no article speaks and it is a choice (``setting``); a row with
neither, or with both, is refused when the service starts.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from fees.domain.errors import RulesInvalid


class Component(StrEnum):
    """The parts of which a debt consists."""

    FINE = "fine"
    CONFISCATION = "confiscation"
    IMPORTED = "imported"
    SURCHARGE = "surcharge"


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What a rule rests on: articles, or a setting that claims no legal authority."""

    law: tuple[str, ...] = ()
    setting: str | None = None


@dataclass(frozen=True, kw_only=True)
class SurchargeRule:
    """APL 72(1)(1): ``rate_bp`` ten-thousandths of the base a day, from the day after the due day, up to the fine."""

    rate_bp: int
    in_force_from: date
    on_unpaid_part: bool
    law: tuple[str, ...]
    pause_law: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PaymentCodeRule:
    """Digits in all, the fixed digits in front, and two check digits at the end (ISO 7064, MOD 97-10)."""

    length: int
    prefix: str


@dataclass(frozen=True, kw_only=True)
class ReceiptRule:
    """Lengths of the receipt's code and number, and how its check code is made."""

    code_digits: int
    number_digits: int
    check_length: int
    check_alphabet: str


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What a collecting agent may name on a notice."""

    code: str
    component: Component
    name_zh: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account of the chart."""

    key: str
    beancount: str
    name_zh: str
    name_en: str
    basis: Basis


@dataclass(frozen=True, kw_only=True)
class PostingRule:
    """What one business fact does: (debit account, credit account) pairs, each for the whole amount."""

    fact: str
    lines: tuple[tuple[str, str], ...]
    basis: Basis
    why_zh: str
    why_en: str


@dataclass(frozen=True, kw_only=True)
class Rules:
    """All rules of money together."""

    accounts: Mapping[str, Account]
    postings: Mapping[str, PostingRule]
    surcharge: SurchargeRule
    allocation: tuple[Component, ...]
    payment_code: PaymentCodeRule
    receipt: ReceiptRule
    charges: Mapping[str, Charge]
    refused_charge_law: tuple[str, ...]


@cache
def default_rules() -> Rules:
    """The rules that ship with the service."""
    root = files("fees") / "rules"
    read = {
        name: tomllib.loads((root / f"{name}.toml").read_text("utf-8")) for name in ("accounts", "postings", "money")
    }
    return build_rules(read["accounts"], read["postings"], read["money"])


def build_rules(accounts: Mapping[str, Any], postings: Mapping[str, Any], money: Mapping[str, Any]) -> Rules:
    """Rules from the parsed files.

    Raises:
        RulesInvalid: when a row rests on nothing, or names an account or part that does not exist.
    """
    chart = {row["key"]: _account(row) for row in accounts["account"]}
    table = {row["fact"]: _posting(row, chart) for row in postings["posting"]}
    order = tuple(Component(name) for name in money["allocation"]["order"])
    if set(order) != set(Component):
        raise RulesInvalid("allocation.order must name every part once")
    for name, row in money.items():
        for part in row if isinstance(row, list) else [row]:
            _basis(name, part)
    return Rules(
        accounts=chart,
        postings=table,
        surcharge=_surcharge(money["surcharge"]),
        allocation=order,
        payment_code=_payment_code(money["payment_code"]),
        receipt=_receipt(money["receipt"]),
        charges={row["code"]: _charge(row) for row in money["charge"]},
        refused_charge_law=tuple(money["refused_charge"]["law"]),
    )


def _basis(name: str, row: Mapping[str, Any]) -> Basis:
    basis = Basis(law=tuple(row.get("law", ())), setting=row.get("setting"))
    if bool(basis.law) == bool(basis.setting):
        raise RulesInvalid(f"{name}: a row states its article or that it is a setting, and not both")
    return basis


def _account(row: Mapping[str, Any]) -> Account:
    return Account(
        key=row["key"],
        beancount=row["beancount"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        basis=_basis(row["key"], row),
    )


def _posting(row: Mapping[str, Any], chart: Mapping[str, Account]) -> PostingRule:
    lines = tuple((debit, credit) for debit, credit in row["lines"])
    strangers = {account for line in lines for account in line} - set(chart)
    if strangers or not lines:
        raise RulesInvalid(f"{row['fact']}: no such account: {', '.join(sorted(strangers)) or 'none named'}")
    return PostingRule(
        fact=row["fact"],
        lines=lines,
        basis=_basis(row["fact"], row),
        why_zh=row["why_zh"],
        why_en=row["why_en"],
    )


def _surcharge(row: Mapping[str, Any]) -> SurchargeRule:
    base, rounding = row["base"], row["rounding"]
    _basis("surcharge.base", base)
    _basis("surcharge.rounding", rounding)
    known = base["value"] in ("unpaid_fine", "decided_fine") and rounding["value"] == "down" and row["cap"] == "fine"
    if not known or row["first_day_after_due"] != 1:
        raise RulesInvalid("surcharge: a base, rounding, cap or first day that is not known")
    return SurchargeRule(
        rate_bp=row["rate_basis_points_per_day"],
        in_force_from=row["in_force_from"],
        on_unpaid_part=base["value"] == "unpaid_fine",
        law=tuple(row["law"]),
        pause_law=tuple(row["pause_law"]),
    )


def _payment_code(row: Mapping[str, Any]) -> PaymentCodeRule:
    rule = PaymentCodeRule(length=row["length"], prefix=row["prefix"])
    if row["check"] != "mod97-10" or not rule.prefix.isdecimal() or rule.length < len(rule.prefix) + 12:
        raise RulesInvalid("payment_code: unknown check rule, or too few free digits to be hard to guess")
    return rule


def _receipt(row: Mapping[str, Any]) -> ReceiptRule:
    check = row["check_code"]
    _basis("receipt.check_code", check)
    return ReceiptRule(
        code_digits=row["code_digits"],
        number_digits=row["number_digits"],
        check_length=check["length"],
        check_alphabet=check["alphabet"],
    )


def _charge(row: Mapping[str, Any]) -> Charge:
    return Charge(
        code=row["code"], component=Component(row["component"]), name_zh=row["name_zh"], name_en=row["name_en"]
    )
