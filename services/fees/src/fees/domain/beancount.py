"""The books as a beancount file, so that another program can check them: same accounts, same balances."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from fees.domain.ledger import Transaction
from fees.domain.rules import Rules
from gongzheng.money import format_minor

_OPENED_ON = "1970-01-01"  # before any fact of ours; beancount wants accounts opened before their first posting
_REFERENCES = ("obligation_id", "payment_id", "deposit_id", "cause_id")


def export(rules: Rules, transactions: Iterable[Transaction], balances: Mapping[tuple[str, str], int]) -> Iterator[str]:
    """The lines of the file. ``balances`` are what the database sums; beancount asserts them at the end.

    Amounts are in major units with two places.
    """
    yield 'option "title" "Gongzheng fees"'
    for account in rules.accounts.values():
        yield f"{_OPENED_ON} open {account.beancount}"
        yield f'  name-zh: "{account.name_zh}"'
    last = date(1970, 1, 1)
    for transaction in transactions:
        last = max(last, transaction.occurred_on)
        yield ""
        yield f'{transaction.occurred_on.isoformat()} * "{transaction.kind}" "{transaction.id}"'
        for name in _REFERENCES:
            value = getattr(transaction.refers, name)
            if value is not None:
                yield f'  {name.replace("_", "-")}: "{value}"'
        for posting in transaction.postings:
            account_name = rules.accounts[posting.account].beancount
            yield f"  {account_name}  {format_minor(posting.amount_fen)} {transaction.currency}"
    yield ""
    day_after = (last + timedelta(days=1)).isoformat()
    for (currency, account_key), total in sorted(balances.items()):
        yield f"{day_after} balance {rules.accounts[account_key].beancount}  {format_minor(total)} {currency}"
