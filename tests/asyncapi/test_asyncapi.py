"""The public AsyncAPI parser (npm) reads docs/asyncapi.yaml and has nothing to say about it."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gongzheng.contracts import Registry, registry
from gongzheng.contracts.asyncapi import asyncapi_document, to_yaml

HERE = Path(__file__).parent
DOCUMENT = Path(__file__).parents[2] / "docs" / "asyncapi.yaml"

pytestmark = pytest.mark.req("X-03")


def parsed(text: str) -> dict[str, Any]:
    """What the parser says: ``accepted``, and ``diagnostics`` of every severity down to hints."""
    assert (HERE / "node_modules").is_dir(), "`make setup-test` installs the parser"
    done = subprocess.run(
        ["node", str(HERE / "diagnostics.mjs")], input=text, capture_output=True, text=True, check=True, timeout=120
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_the_public_parser_accepts_the_document_without_a_word() -> None:
    """Neither an error nor a warning, an information or a hint."""
    assert parsed(DOCUMENT.read_text(encoding="utf-8")) == {"accepted": True, "diagnostics": []}


@pytest.mark.parametrize(
    ("written", "instead", "code"),
    [
        ('"asyncapi": "3.1.0"', '"asyncapi": "3.0.0"', "asyncapi-latest-version"),
        ('"type": "integer"', '"type": "integr"', "asyncapi-document-resolved"),
        ('"action": "send"', '"action": "throw"', "asyncapi-document-resolved"),
        ('"#/channels/', '"#/channel/', "invalid-ref"),
        ('"info":', '"information":', "asyncapi-document-resolved"),
    ],
    ids=["old version", "schema", "action", "reference", "no info"],
)
def test_what_is_wrong_with_a_document_is_told(written: str, instead: str, code: str) -> None:
    """So that the silence above means something; on a document of one event, which is read sooner."""
    text = to_yaml(asyncapi_document(Registry([registry()["cn.gongzheng.fees.charge.refused.v1"]])))
    assert written in text
    told = parsed(text.replace(written, instead, 1))
    assert code in {diagnostic["code"] for diagnostic in told["diagnostics"]}
