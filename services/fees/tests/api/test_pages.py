"""The two pages for people: what is owed, and whether a receipt is genuine."""

from typing import Any
from urllib.parse import urlencode

import pytest


@pytest.fixture
def browser(house: Any) -> Any:
    """A browser without cookies."""
    return house.service.app.test_client()


@pytest.mark.req("F-16")
@pytest.mark.req("X-13")
@pytest.mark.parametrize(("lang", "title"), [("zh", "查询应缴款项"), ("en", "What is owed")])
def test_a_payer_reads_what_is_owed_in_either_language(house: Any, browser: Any, lang: str, title: str) -> None:
    """¥10,600.00 on the second day after the due day."""
    debt = house.owe()
    house.on("2026-12-02")
    assert title in browser.get(f"/owed?lang={lang}").text
    given = {"document_number": debt["document_number"], "payment_code": debt["payment_code"]}
    shown = browser.post(f"/owed?lang={lang}", data=given)
    assert (shown.status_code, "10600.00 CNY" in shown.text) == (200, True)
    assert shown.headers["Cache-Control"] == "no-store"
    assert debt["party_name"] not in shown.text


@pytest.mark.req("F-16")
@pytest.mark.parametrize("changed", [{"payment_code": "1"}, {"payment_code": "\0"}, {"document_number": ""}, {}])
def test_what_does_not_belong_together_is_told_in_words(house: Any, browser: Any, changed: Any) -> None:
    """404 with the form to try again."""
    given = {"document_number": "没有〔2026〕9号", "payment_code": house.owe()["payment_code"]} | changed
    shown = browser.post("/owed?lang=en", data=given)
    assert (shown.status_code, "must belong together" in shown.text) == (404, True)


@pytest.mark.req("F-16")
@pytest.mark.req("F-04")
def test_the_address_in_the_qr_code_shows_at_once_whether_the_receipt_is_genuine(house: Any, browser: Any) -> None:
    """Genuine, then void, and a forged one not found."""
    house.load()
    issued = house.bank().pay(house.owe()["payment_code"], 1_000_000)["receipt"]
    asked = {"code": issued["receipt_code"], "number": issued["receipt_number"], "check": issued["check_code"]}
    address = f"/verify-receipt?{urlencode(asked | {'lang': 'en'})}"
    assert "genuine and valid" in browser.get(address).text
    house.accountant.post(f"/receipts/{issued['receipt_number']}/voiding", {"reason": "x"}, if_match=1).expect(201)
    assert "was voided" in browser.get(address).text
    forged = browser.get(f"/verify-receipt?{urlencode(asked | {'check': '<b>'})}")
    assert (forged.status_code, "<b>" in forged.text) == (404, False)


@pytest.mark.req("F-16")
def test_the_pages_are_no_way_round_the_throttle(house: Any, browser: Any) -> None:
    """They share the limit of the API."""
    for _ in range(30):
        house.client.anonymous().post("/public/receipts/verification", {
            "receipt_code": "00000000", "receipt_number": "0000000000", "check_code": "X",
        }).expect(404)  # fmt: skip
    assert browser.post("/owed", data={}).status_code == 429
