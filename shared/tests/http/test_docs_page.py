"""The API page for people: complete without script, without internet, in both languages, under any prefix."""

import re

import pytest
from flask import Flask

from gongzheng.http.app import openapi_document
from gongzheng.testing import ApiClient
from gongzheng.ui.api_page import example_of, groups_of

pytestmark = pytest.mark.req("X-13")


def test_the_page_shows_every_operation_with_its_refusals(app: Flask, client: ApiClient) -> None:
    """Rendered by the server, so it is complete without a script."""
    page = client.get("/docs").text
    paths = openapi_document(app)["paths"]
    assert all(path in page for path in paths)
    assert "thing-sealed" in page
    assert "sample.maker" in page


def test_the_page_is_in_the_readers_language(client: ApiClient) -> None:
    """Chinese by default; ?lang= overrides the browser."""
    client.language = "zh-CN"
    assert "接口文档" in client.get("/docs").text
    assert "行政处罚法" in client.get("/docs").text
    english = client.get("/docs?lang=en").text
    assert '<html lang="en">' in english
    assert "Refusals" in english


def test_nothing_on_the_page_comes_from_elsewhere_or_stands_inline(app: Flask) -> None:
    """The policy forbids inline scripts and styles, and the page needs none; links follow the prefix."""
    page = app.test_client().get("/docs", environ_overrides={"SCRIPT_NAME": "/cases"}).text
    addresses = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert addresses
    assert not [address for address in addresses if not address.startswith(("/cases/", "#", "?lang="))]
    assert "<style" not in page
    assert "style=" not in page
    assert not re.findall(r"<script(?! src)", page)
    assert not re.findall(r" on[a-z]+=", page)


def test_its_files_are_served(client: ApiClient) -> None:
    """Script, style and icon ship with the package."""
    for name in ("docs.js", "gongzheng.css", "icon.svg"):
        assert client.get(f"/static/gongzheng/{name}").status == 200


def test_examples_are_made_from_the_schema(app: Flask) -> None:
    """Good enough to edit and send."""
    document = openapi_document(app)
    example = example_of(document, {"$ref": "#/components/schemas/ThingIn"})
    assert example == {"name": "…", "amount_fen": 0, "made_on": "2026-03-02"}
    papers = [op for group in groups_of(document) for op in group.operations if op.path.endswith("/papers")]
    assert papers[0].body is not None
    assert papers[0].body.example["metadata"] == {"kind": "letter"}
