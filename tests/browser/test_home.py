"""The home page in a real browser: it shows the case as it happens, in both languages, without internet."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from gongzheng_embedded.demonstration import Demonstration
from gongzheng_embedded.folder import DataFolder
from gongzheng_embedded.suite import Suite

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
TOLD_MS = 90_000
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """A suite that tells its story while the tests look."""
    with Suite(DataFolder(tmp_path_factory.mktemp("suite"))) as running:
        playing = Demonstration(running, pace_s=0.02)
        playing.start()
        yield running
        playing.stop()


@pytest.fixture
def strangers() -> list[str]:
    """Addresses outside of this machine that a page asked for."""
    return []


@pytest.fixture
def context(chromium: Browser, strangers: list[str]) -> Iterator[BrowserContext]:
    """A fresh browser profile that can reach nothing but this machine."""
    made = chromium.new_context(viewport=DESKTOP, locale="en-GB")  # type: ignore[arg-type] # a size

    def only_here(route: Any) -> None:
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            strangers.append(route.request.url)
            route.abort()

    made.route("**/*", only_here)
    yield made
    made.close()


def open_home(context: BrowserContext, suite: Suite, lang: str) -> Page:
    """The home page in a language, with whatever it complains about turned into failures."""
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"the page's script failed: {error}"))
    page.goto(f"{suite.url}/?lang={lang}")
    return page


@pytest.mark.req("X-13")
def test_the_timeline_grows_until_the_case_is_archived(
    context: BrowserContext, suite: Suite, strangers: list[str]
) -> None:
    """Events arrive without a reload, the path of the case fills up, each refusal shows its article."""
    page = open_home(context, suite, "zh")
    expect(page.locator("#story-state")).to_contain_text("演示完成", timeout=TOLD_MS)
    assert page.locator("#timeline li").count() > 30
    expect(page.locator("#path li[aria-current=step]")).to_have_text("归档")
    expect(page.locator("#fig-refused")).to_have_text("11")
    expect(page.locator("#refusals")).to_contain_text("《中华人民共和国行政处罚法》第四十二条第一款")
    expect(page.locator(".card .dot.up")).to_have_count(4)
    expect(page.locator("#case-number")).to_have_text(re.compile(r"〔\d{4}〕\d+号"))
    assert strangers == []


@pytest.mark.req("X-13")
def test_the_language_is_changed_by_one_click_and_kept(context: BrowserContext, suite: Suite) -> None:
    """Chinese and English, everything on the page, also after coming back."""
    page = open_home(context, suite, "zh")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("h1")).to_have_text("An unlawful step cannot be taken.")
    page.goto(suite.url)
    expect(page.locator("h1")).to_have_text("An unlawful step cannot be taken.")


def test_a_login_gives_a_token_that_its_service_takes(context: BrowserContext, suite: Suite) -> None:
    """One click, and the token opens the door that its roles open."""
    page = open_home(context, suite, "en")
    page.get_by_role("button", name="Get a token – Gu Mingheng").click()
    expect(page.locator("#token-text")).not_to_have_value("")
    token = page.locator("#token-text").input_value()
    answer = page.request.get(f"{suite.url}/cases/api/v1/cases", headers={"Authorization": f"Bearer {token}"})
    assert answer.status == 200
    assert page.request.get(f"{suite.url}/cases/api/v1/cases").status == 401


@pytest.mark.req("X-13")
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/mailbox"])
def test_the_pages_have_no_accessibility_fault_that_a_machine_can_find(
    context: BrowserContext, suite: Suite, lang: str, scheme: Any, path: str
) -> None:
    """WCAG 2.2 AA by axe, in both languages and both colour schemes."""
    page = context.new_page()
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(f"{suite.url}{path}?lang={lang}")
    if path == "/":
        expect(page.locator("#timeline li").first).to_be_visible(timeout=TOLD_MS)
        expect(page.locator("#refusals strong").first).to_be_visible(timeout=TOLD_MS)
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_fits_a_phone(context: BrowserContext, suite: Suite, lang: str) -> None:
    """Nothing sticks out sideways at 360 pixels."""
    page = context.new_page()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type] # a size
    page.goto(f"{suite.url}/?lang={lang}")
    expect(page.locator("#timeline li").first).to_be_visible(timeout=TOLD_MS)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_api_pages_work_without_internet(context: BrowserContext, suite: Suite, strangers: list[str]) -> None:
    """Each service's API page is read with nothing but this machine in reach."""
    page = context.new_page()
    for service in ("cases", "fees", "oversight", "notifications"):
        page.goto(f"{suite.url}/{service}/docs")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert "/api/v1/" in page.content()
    assert strangers == []
