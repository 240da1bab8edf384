"""The public pages, as a browser without script gets them."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient

from gongzheng.ids import new_id
from oversight.web import TEXTS
from services.oversight.tests.house import House


class Page(HTMLParser):
    """Collects what a reader of the page needs to find."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        """The attributes of all tags of these names."""
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest.fixture
def browser(house: House) -> FlaskClient:
    """A browser at the service's door."""
    return house.service.app.test_client()


def _form(**changed: Any) -> dict[str, Any]:
    return {"once": new_id(), "kind": "violation", "text": "店里卖过期牛奶", **changed}


@pytest.mark.req("O-01", "X-13")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_report_is_filed_and_followed_on_the_pages(browser: FlaskClient, lang: str) -> None:
    """From the form to the code to the progress, in both languages."""
    filed = browser.post(
        f"/report?lang={lang}", data=_form(name="王小芳", email="w@example.com", occurred_on="2026-11-20")
    )
    assert filed.status_code == 201
    code = re.search(r"<output>([0-9 ]{19})</output>", filed.text)
    assert code is not None
    followed = browser.post(f"/follow?lang={lang}", data={"code": code[1]})
    assert followed.status_code == 200
    words = {"zh": "正在审查是否受理", "en": "checking whether we can take it up"}
    assert words[lang] in followed.text
    assert "牛奶" not in followed.text
    assert "王小芳" not in followed.text


@pytest.mark.req("X-13")
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", ["/report", "/follow"])
def test_pages_can_be_read_aloud_and_used_by_keyboard(browser: FlaskClient, path: str, lang: str) -> None:
    """Language, title, one heading, a label for each field, a way past the navigation, a phone's width."""
    text = browser.get(f"{path}?lang={lang}").text
    page = Page(text)
    assert page.all("html")[0]["lang"] == {"zh": "zh-CN", "en": "en"}[lang]
    assert len(page.all("h1")) == len(page.all("title")) == len(page.all("main")) == 1
    labels = {label["for"] for label in page.all("label")}
    fields = {field["id"] for field in page.all("input", "textarea") if field.get("type") != "hidden"}
    assert fields == labels
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))
    described = {part for _, attributes in page.tags for part in (attributes.get("aria-describedby") or "").split()}
    assert described <= set(ids)
    assert any(link["href"] == "#main" for link in page.all("a"))
    assert any(meta.get("name") == "viewport" for meta in page.all("meta"))
    assert "t(" not in text
    assert "{{" not in text


@pytest.mark.req("O-01")
def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(browser: FlaskClient, house: House) -> None:
    """Also without script; nothing is kept of a form that was refused."""
    wrong = _form(kind="", email="nobody", occurred_on="2026-11-24", about='"><b>x', text=" ")
    answer = browser.post("/report?lang=en", data=wrong)
    assert answer.status_code == 422
    page = Page(answer.text)
    invalid = {tag["id"] for tag in page.all("input", "textarea") if tag.get("aria-invalid")}
    assert invalid == {"text", "email", "occurred_on"}
    assert 'role="alert"' in answer.text
    assert next(tag for tag in page.all("input") if tag.get("id") == "about")["value"] == '"><b>x'
    assert house.count("complaint") == 0
    assert house.count("idempotency") == 0


@pytest.mark.parametrize("wrong", [{"occurred_on": "yesterday"}, {"text": "x" * 8_001}, {"name": "x" * 101}])
def test_what_no_browser_sends_is_refused_like_the_rest(browser: FlaskClient, wrong: dict[str, str]) -> None:
    """The limits of the form are those of the server."""
    assert browser.post("/report", data=_form(**wrong)).status_code == 422


@pytest.mark.req("X-05")
def test_a_double_click_files_one_report(browser: FlaskClient, house: House) -> None:
    """And shows the same code again; a form that was corrected and sent again is another report."""
    form = _form()
    first, second = (browser.post("/report", data=form) for _ in range(2))
    assert first.text == second.text
    assert house.count("complaint") == 1
    corrected = browser.post("/report", data=form | {"text": "店里卖过期酸奶"})
    assert corrected.status_code == 201
    assert corrected.text != first.text
    assert house.count("complaint") == 2


@pytest.mark.req("O-01")
def test_nothing_stays_in_the_browser(browser: FlaskClient) -> None:
    """No cookie, no cache, no referrer, nothing from elsewhere."""
    for answer in (browser.get("/report"), browser.get("/follow"), browser.post("/report", data=_form())):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in answer.headers
        assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]
        links = [str(tag.get("href") or tag.get("src")) for tag in Page(answer.text).all("link", "script", "img", "a")]
        assert all(link.startswith(("/", "#", "?lang=")) for link in links)
    with browser.get("/static/oversight/oversight.css") as style:
        assert style.status_code == 200


@pytest.mark.req("X-11")
def test_pages_work_below_a_prefix(house: House) -> None:
    """In one process with the other services, this one lives below /oversight."""
    browser = house.service.app.test_client()
    text = browser.get("/report", base_url="http://localhost/oversight").text
    assert 'action="/oversight/report' in text
    assert 'href="/oversight/static/oversight/oversight.css"' in text


@pytest.mark.req("X-13")
def test_every_text_says_something_in_both_languages() -> None:
    """And English is no Chinese."""
    for key, text in TEXTS.entries.items():
        assert text.zh.strip(), key
        assert text.en.strip(), key
        assert not re.search(r"[\u4e00-\u9fff]", text.en), key
