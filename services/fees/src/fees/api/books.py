"""The books: payments, held money, accounts, transactions, parity and the sums of imports. All of it is only read."""

from typing import Any

from fees.api import schemas, schemas_books, shown
from fees.api.roles import READERS
from fees.handlers.report_parity import report_parity
from gongzheng.http import Blueprint, audited_read, page_args, page_of, requires, unit_of_work

blueprint = Blueprint("books", __name__, description="Payments, held money and the ledger")


@blueprint.route("/payments", methods=["GET"])
@requires(*READERS)
@audited_read("payment.list")
@blueprint.arguments(schemas.PaymentQuery, location="query")
@blueprint.response(200, schemas.PaymentPage)
def list_payments(where: dict[str, str]) -> dict[str, Any]:
    """Money booked on debts."""
    page = page_args()
    with unit_of_work() as uow:
        found = uow.payments.page(limit=page.limit + 1, after=page.after, **where)
    return page_of([shown.payment(paid) for paid in found], page.limit, lambda paid: str(paid["payment_id"]))


@blueprint.route("/deposits", methods=["GET"])
@requires(*READERS)
@audited_read("deposit.list")
@blueprint.arguments(schemas.DepositQuery, location="query")
@blueprint.response(200, schemas.DepositPage)
def list_deposits(where: dict[str, str]) -> dict[str, Any]:
    """The queue of money that no debt could take."""
    page = page_args()
    with unit_of_work() as uow:
        found = uow.payments.held_page(limit=page.limit + 1, after=page.after, **where)
    return page_of([shown.deposit(held) for held in found], page.limit, lambda held: str(held["deposit_id"]))


@blueprint.route("/ledger/accounts", methods=["GET"])
@requires(*READERS)
@blueprint.response(200, schemas_books.AccountsOut)
def list_accounts() -> dict[str, Any]:
    """Every account with its balance per currency, derived from its postings; debit positive."""
    with unit_of_work() as uow:
        balances, chart = uow.ledger.balances(), uow.rules.accounts
    items = [
        {
            "account": key,
            "beancount": chart[key].beancount,
            "name_zh": chart[key].name_zh,
            "name_en": chart[key].name_en,
            "currency": currency,
            "balance_fen": balance,
        }
        for (currency, key), balance in sorted(balances.items())
    ]
    return {"items": items}


@blueprint.route("/ledger/entries", methods=["GET"])
@requires(*READERS)
@blueprint.arguments(schemas.PaymentQuery, location="query")
@blueprint.response(200, schemas_books.TransactionPage)
def list_entries(where: dict[str, str]) -> dict[str, Any]:
    """The transactions of the ledger, in the order written."""
    page = page_args()
    with unit_of_work() as uow:
        found = uow.ledger.page(limit=page.limit + 1, after=page.after, **where)
    items = [shown.transaction(entry) for entry in found]
    return page_of(items, page.limit, lambda entry: str(entry["transaction_id"]))


@blueprint.route("/parity", methods=["GET"])
@requires(*READERS)
@blueprint.response(200, schemas_books.ParityOut)
def read_parity() -> dict[str, Any]:
    """Whether each decision with money has exactly one obligation with the same money, and the reverse."""
    with unit_of_work() as uow:
        found, as_of = report_parity(uow), uow.now
    return {
        "holds": found.holds,
        "as_of": as_of,
        "decisions": found.decisions,
        "obligations": found.obligations,
        "decisions_without_obligation": found.without_obligation,
        "obligations_without_decision": found.without_decision,
        "decisions_with_more_than_one": found.more_than_one,
        "decisions_with_different_money": found.different_money,
    }


@blueprint.route("/import-balances", methods=["GET"])
@requires(*READERS)
@blueprint.arguments(schemas_books.ImportQuery, location="query")
@blueprint.response(200, schemas_books.ImportsOut)
def list_import_balances(where: dict[str, str]) -> dict[str, Any]:
    """The sums of each import per currency, as its cases state them and as the ledger holds them."""
    with unit_of_work() as uow:
        return {"items": [shown.sums(of_import) for of_import in uow.openings.sums(**where)]}
