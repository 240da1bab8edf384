"""Every event has a page: what it means, every field, and an example that anybody can verify."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gongzheng.contracts import registry
from gongzheng.contracts.examples import EXAMPLE_KEY, EXAMPLE_SIGNER
from gongzheng.contracts.pages import event_pages
from gongzheng.messaging.envelope import Envelope, Trust
from gongzheng.messaging.keys import keys_of

pytestmark = pytest.mark.req("X-03")
CONTRACTS = registry()
PAGES = event_pages(CONTRACTS)


def example_on(page: str) -> dict[str, Any]:
    """The example as it stands on the page."""
    (text,) = re.findall(r"```json\n(.*?)\n```", page, re.DOTALL)
    event: dict[str, Any] = json.loads(text)
    return event


def properties(schema: Mapping[str, Any], where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every property at any depth."""
    for name, inner in schema.get("properties", {}).items():
        yield f"{where}.{name}", inner
        yield from properties(inner, f"{where}.{name}")
    if isinstance(schema.get("items"), Mapping):
        yield from properties(schema["items"], f"{where}[]")


@pytest.mark.parametrize("type_", CONTRACTS.types())
def test_the_example_on_the_page_fits_its_contract_and_verifies_with_the_published_key(type_: str) -> None:
    """Read back from the page, as a reader would who copies it."""
    event = Envelope.parse(json.dumps(example_on(PAGES[f"{type_}.md"])))
    contract = CONTRACTS[type_]
    CONTRACTS.check(event.type, event.data)
    assert (event.type, event.stream, event.dataclass_) == (type_, contract.stream, contract.dataclass_)
    published = keys_of(json.loads(PAGES["example-key.json"]))
    Trust.of({event.source: published}).verify(event)


@pytest.mark.parametrize("type_", CONTRACTS.types())
def test_the_page_says_what_it_is_in_both_languages_and_every_field_with_its_meaning(type_: str) -> None:
    """Nothing of the contract is left out."""
    page, schema = PAGES[f"{type_}.md"], CONTRACTS[type_].schema
    assert page.startswith(f"# {schema['title']} · {schema['x-title-zh']}\n\n{schema['description']}\n")
    assert re.search(r"[\u4e00-\u9fff]", schema["x-title-zh"])
    table = page.partition("## Fields")[2].partition("## Example")[0]
    named = [name.removeprefix("data.") for name, _ in properties(schema, "data")]
    assert re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE) == named
    assert f"({type_}.md)" in PAGES["README.md"]


@pytest.mark.parametrize("type_", CONTRACTS.types())
def test_every_property_of_every_contract_says_what_it_means(type_: str) -> None:
    """A field without a meaning is guessed at by whoever reads it."""
    silent = [where for where, inner in properties(CONTRACTS[type_].schema, "data") if not inner.get("description")]
    assert silent == []


def test_the_example_key_is_the_one_of_rfc_8037() -> None:
    """Its thumbprint stands in appendix A.3; nobody can take it for the key of a service."""
    assert EXAMPLE_KEY.thumbprint() == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    assert EXAMPLE_SIGNER.public_bytes() == EXAMPLE_KEY.raw


def test_the_program_on_the_index_verifies_every_example_and_nothing_else() -> None:
    """It is run as it stands there."""
    (program,) = re.findall(r"```python\n(.*?)\n```", PAGES["README.md"], re.DOTALL)
    names: dict[str, Any] = {}
    exec(program, names)  # noqa: S102 our own document
    key_set = json.loads(PAGES["example-key.json"])
    for type_ in CONTRACTS.types():
        names["verify"](example_on(PAGES[f"{type_}.md"]), key_set)
    with pytest.raises(InvalidSignature):
        names["verify"](example_on(PAGES[f"{type_}.md"]) | {"subject": "another"}, key_set)
    stranger = Ed25519PrivateKey.from_private_bytes(b"x" * 32).public_key().public_bytes_raw()
    other = {"keys": [key_set["keys"][0] | {"x": base64.urlsafe_b64encode(stranger).decode().rstrip("=")}]}
    with pytest.raises(InvalidSignature):
        names["verify"](example_on(PAGES[f"{type_}.md"]), other)
