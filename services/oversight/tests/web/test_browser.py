"""The pages in a real browser the size of a phone: they work, fit, and pass axe in light and dark."""

import os
import shutil
import threading
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

from services.oversight.tests.house import House

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def address(house: House) -> Iterator[str]:
    """The service on a port of its own."""
    server = make_server("127.0.0.1", 0, house.service.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["light", "dark"])
def phone(request: pytest.FixtureRequest) -> Iterator[Page]:
    """A phone in either colour scheme; the browser that the set-up finds, else playwright's own."""
    named = os.environ.get("GONGZHENG_CHROMIUM")
    program = named or next(
        filter(None, map(shutil.which, ("chromium", "google-chrome", "google-chrome-stable"))), None
    )
    with sync_playwright() as playwright:
        # The sandbox needs rights that a container does not have; the pages are our own.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        context = browser.new_context(viewport=PHONE, color_scheme=request.param, locale="zh-CN")  # type: ignore[arg-type] # a plain dict is accepted
        yield context.new_page()
        browser.close()


def _judge(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the phone"


@pytest.mark.browser
@pytest.mark.req("O-01", "X-13")
def test_a_report_is_filed_and_followed_on_a_phone(phone: Page, address: str) -> None:
    """Each page on the way is judged by axe and must fit the screen."""
    phone.goto(f"{address}/report")
    _judge(phone)
    phone.get_by_label("有人违法").check()
    phone.get_by_label("发生了什么").fill("店里卖过期牛奶")
    phone.get_by_role("button").click()
    _judge(phone)
    code = phone.locator("output").inner_text()
    phone.goto(f"{address}/follow?lang=en")
    phone.get_by_label("Tracking code").fill(code)
    phone.get_by_role("button").click()
    _judge(phone)
    assert "checking whether we can take it up" in phone.inner_text("main")
    phone.get_by_label("Tracking code").fill("0000 0000 0000 0000")
    phone.get_by_role("button").click()
    _judge(phone)
    assert "No report belongs to this code" in phone.inner_text("main")
