"""The receipt on paper: in Chinese, verifiable by its QR code, and a copy that says it is one."""

import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import typst

from fees.adapters.paper import receipt as paper
from fees.domain.errors import ReceiptCannotBePrinted


@pytest.fixture
def issued(house: Any) -> Any:
    """A receipt for ¥10,300, a day late."""
    house.load()
    bank, debt = house.bank(), house.owe()
    house.on("2026-12-01")
    return bank.pay(debt["payment_code"], 1_030_000)["receipt"]


def text_of(pdf: bytes, folder: Path) -> str:
    """The text of a PDF, as a reader of the file sees it."""
    program = shutil.which("pdftotext")
    assert program, "pdftotext is not on this machine: apt-get install poppler-utils"
    (folder / "r.pdf").write_bytes(pdf)
    words = [program, "-layout", str(folder / "r.pdf"), "-"]
    return subprocess.run(words, check=True, capture_output=True).stdout.decode()


@pytest.mark.req("F-04")
def test_the_first_printing_is_the_original_and_the_next_says_copy(house: Any, issued: Any, tmp_path: Path) -> None:
    """副本 stands on every printing but the first; the numbers, the words of the sum and both parts stand on all."""
    first = house.accountant.get(f"/receipts/{issued['receipt_number']}.pdf")
    second = house.accountant.get(f"/receipts/{issued['receipt_code']}{issued['receipt_number']}.pdf")
    original, copy = text_of(first.content, tmp_path), text_of(second.content, tmp_path)
    assert ("副本" in original, "副本" in copy) == (False, True)
    for text in ("32050126", issued["receipt_number"], issued["check_code"], "壹万零叁佰元整", "10000.00", "300.00"):
        assert text in original
        assert text in copy
    assert first.headers["Content-Type"] == "application/pdf"
    assert "attachment" in first.headers["Content-Disposition"]


@pytest.mark.req("F-04")
def test_a_void_receipt_says_so_on_paper(house: Any, issued: Any, tmp_path: Path) -> None:
    """作废 across the sheet."""
    path = f"/receipts/{issued['receipt_number']}"
    house.accountant.post(f"{path}/voiding", {"reason": "x"}, if_match=1).expect(201)
    text = text_of(house.accountant.get(f"{path}.pdf").content, tmp_path)
    # It stands across the sheet, so its two letters come out on lines of their own.
    assert {"作", "废"} <= set(text)


@pytest.mark.req("F-04")
def test_the_qr_code_leads_to_what_verifies_the_receipt(
    house: Any, issued: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Code, number and check code, below the public address of the service."""
    said: list[str] = []
    draw = paper._qr

    def noted(text: str) -> str:
        said.append(text)
        return draw(text)

    monkeypatch.setattr(paper, "_qr", noted)
    house.accountant.get(f"/receipts/{issued['receipt_number']}.pdf").expect(200)
    asked = parse_qs(urlsplit(said[0]).query)
    assert said[0].startswith("https://fees.example/")
    assert asked == {
        "code": [issued["receipt_code"]],
        "number": [issued["receipt_number"]],
        "check": [issued["check_code"]],
    }


@pytest.mark.req("F-04")
def test_without_the_chinese_font_no_receipt_leaves_the_house(
    house: Any, issued: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that names the package, not a sheet of empty boxes; and the printing is not counted."""
    bare = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
    monkeypatch.setattr(paper, "_fonts", lambda: bare)
    problem = house.accountant.get(f"/receipts/{issued['receipt_number']}.pdf").expect(503, "receipt-cannot-be-printed")
    assert "fonts-noto-cjk" in problem["detail"]
    assert house.count("receipt_printing") == 0


@pytest.mark.req("F-04")
def test_a_name_with_markup_is_printed_as_it_is_written(house: Any, tmp_path: Path) -> None:
    """What a person wrote is data to the typesetter, never a program."""
    house.load()
    name = '#panic("x") *b* $1$ \\ @ref <tag>'
    party = {"party_id": "p", "name": name, "kind": "person", "email": None, "language": "zh"}
    answer = house.bank().pay(house.owe(party=party)["payment_code"], 1_000_000)
    pdf = house.accountant.get(f"/receipts/{answer['receipt']['receipt_number']}.pdf")
    assert "".join(name.split()) in "".join(text_of(pdf.content, tmp_path).split())


@pytest.mark.req("F-04")
def test_a_warning_of_the_typesetter_is_an_error(monkeypatch: pytest.MonkeyPatch, house: Any, issued: Any) -> None:
    """Unknown fonts inside the sheet only warn; a receipt must not."""

    class Warned:
        message = "unknown font family"

    monkeypatch.setattr(typst, "compile_with_warnings", lambda *_, **__: (b"%PDF-", [Warned]))
    house.accountant.get(f"/receipts/{issued['receipt_number']}.pdf").expect(503, ReceiptCannotBePrinted.code)


@pytest.mark.req("F-04")
@pytest.mark.parametrize("number", ["0000009999", "1", "abc", "3205012600000000019"])
def test_a_number_that_was_not_issued_is_not_found(house: Any, number: str) -> None:
    """Neither as data nor as paper."""
    house.auditor.get(f"/receipts/{number}").expect(404, "receipt-not-found")
    house.auditor.get(f"/receipts/{number}.pdf").expect(404, "receipt-not-found")
