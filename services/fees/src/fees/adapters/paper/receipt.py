"""The receipt as a PDF: in Chinese, with a QR code that leads to its verification; a further printing says 副本."""

import io
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Any

import segno
import typst

from fees.domain.errors import ReceiptCannotBePrinted
from fees.domain.obligation import Obligation
from fees.domain.payment import Payment
from fees.domain.receipt import Receipt, ReceiptState
from gongzheng.money import format_minor, yuan_in_words

FONT = "Noto Serif CJK SC"
TITLE = "罚没财物专用票据（电子）"


@dataclass(frozen=True, kw_only=True)
class Printed:
    """What goes on the paper; ``printing`` counts from 1, the original; ``verify_at`` is what the QR code says."""

    receipt: Receipt
    payment: Payment
    obligation: Obligation
    printing: int
    verify_at: str


def render(printed: Printed) -> bytes:
    """The receipt as PDF bytes.

    Raises:
        ReceiptCannotBePrinted: when the Chinese font is missing or the typesetter warns of anything: a receipt with
            empty boxes for letters must not leave the house.
    """
    if FONT not in _fonts().families():
        raise ReceiptCannotBePrinted(f"The font {FONT} is not installed; Debian's package is fonts-noto-cjk.")
    with as_file(files("fees.adapters.paper") / "receipt.typ") as template:
        try:
            pdf, warnings = typst.compile_with_warnings(
                template,
                format="pdf",
                font_paths=_fonts(),
                sys_inputs={"data": json.dumps(_data(printed), ensure_ascii=False)},
            )
        except typst.TypstError as error:
            raise ReceiptCannotBePrinted(str(error.message)) from error
    if warnings:
        raise ReceiptCannotBePrinted(str(warnings[0].message))
    return bytes(pdf)


@cache
def _fonts() -> typst.Fonts:
    """The machine's fonts; looking for them takes longer than a receipt, so they are looked for once."""
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=False)


def _data(printed: Printed) -> dict[str, Any]:
    receipt, ground = printed.receipt, printed.obligation.ground
    return {
        "title": TITLE,
        "copy": "副本" if printed.printing > 1 else None,
        "void": "作废" if receipt.state is ReceiptState.VOID else None,
        "code": receipt.code,
        "number": receipt.number,
        "check_code": receipt.check_code,
        "payer": ground.party_name or "—",
        "issued_on": receipt.issued_on.isoformat(),
        "paid_on": printed.payment.paid_on.isoformat(),
        "currency": receipt.currency,
        "lines": _lines(printed),
        "words": yuan_in_words(receipt.amount_fen) if receipt.currency == "CNY" else format_minor(receipt.amount_fen),
        "total": format_minor(receipt.amount_fen),
        "organisation": ground.organisation_name_zh or "—",
        "payment_code": printed.obligation.payment_code,
        "qr": _qr(printed.verify_at),
    }


def _lines(printed: Printed) -> list[dict[str, str]]:
    payment, ground = printed.payment, printed.obligation.ground
    document, matter = ground.document_number or "—", ground.matter_title_zh or "罚没款"
    parts = ((f"罚没款：{matter}", payment.principal_fen), ("加处罚款", payment.surcharge_fen))
    return [{"name": name, "document": document, "amount": format_minor(fen)} for name, fen in parts if fen]


def _qr(text: str) -> str:
    buffer = io.BytesIO()
    # Level M survives a crease; the quiet zone of four modules is what readers need.
    segno.make(text, error="m", micro=False).save(buffer, kind="svg", border=4, xmldecl=False)
    return buffer.getvalue().decode()
