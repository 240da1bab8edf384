"""The API page in a real browser: its forms work under a prefix, and everybody can use it."""

import os
import tempfile
import threading
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import WSGIRequestHandler, make_server

from cases.settings import CasesSettings
from gongzheng.cli import load_service
from gongzheng.db.migrate import migrate

pytestmark = [pytest.mark.browser, pytest.mark.req("X-13")]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 the library's own name
        """Nothing is printed."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The API page of cases, served under /cases as behind a proxy."""
    with tempfile.TemporaryDirectory() as folder:
        example = CasesSettings.example_environment("CASES_")
        example |= {"CASES_DATABASE_URL": f"sqlite:///{folder}/cases.db", "CASES_FILES_DIR": folder}
        before = dict(os.environ)
        os.environ.update(example)
        service = load_service("cases")
        os.environ.clear()
        os.environ.update(before)
        migrate(service.database, service.migrations)
        service.database.close()
        yield from _served(service.app)


def _served(app: Flask) -> Iterator[str]:
    mounted = DispatcherMiddleware(NotFound(), {"/cases": app})
    server = make_server("127.0.0.1", 0, mounted, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/cases/docs"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page whose complaints are failures."""
    opened = chromium.new_page(locale="zh-CN")
    opened.on("pageerror", lambda error: pytest.fail(f"the page's script failed: {error}"))
    opened.on(
        "console",
        lambda said: pytest.fail(said.text) if said.type == "error" and "status of 401" not in said.text else None,
    )
    yield opened
    opened.close()


def test_a_form_sends_its_request_and_shows_the_answer(page: Page, address: str) -> None:
    """Under the prefix, with what was filled in; a refusal is shown as it came."""
    page.goto(address)
    operation = page.locator("details.operation", has=page.locator("code.path", has_text="/api/v1/cases").first).first
    operation.locator("summary").click()
    operation.locator("form.try button").click()
    expect(operation.locator("pre")).to_contain_text("urn:gongzheng:problem:unauthorized")
    expect(operation.locator("pre")).to_contain_text("未经认证")


def test_the_filter_leaves_what_was_looked_for(page: Page, address: str) -> None:
    """All words must be there; the others are hidden, and come back."""
    page.goto(address)
    everything = page.locator("details.operation:visible").count()
    page.fill("#filter", "post decision")
    expect(page.locator("details.operation:visible")).to_have_count(
        page.locator("summary", has_text="POST").filter(has_text="decision").count()
    )
    page.fill("#filter", "")
    expect(page.locator("details.operation:visible")).to_have_count(everything)


@pytest.mark.parametrize(("scheme", "language", "width"), [("light", "zh", 1280), ("dark", "en", 360)])
def test_everybody_can_use_it(page: Page, address: str, scheme: str, language: str, width: int) -> None:
    """WCAG 2.2 AA, checked by axe with some operations open; nothing runs out of a phone's width."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{address}?lang={language}")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    # All operations are made by one template; a handful of them shows what axe would take minutes to see in all.
    page.evaluate("[...document.querySelectorAll('details.operation, tbody tr')].slice(60).forEach((e) => e.remove())")
    for summary in page.locator("details.operation summary").all()[:3]:
        summary.click()
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
