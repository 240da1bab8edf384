"""The registry of event contracts: finds the schema files, compiles them once and checks data against them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import fastjsonschema

TYPE_PREFIX = "cn.gongzheng"
DATACLASSES = ("public", "internal", "confidential")


class ContractViolation(ValueError):
    """Event data that its contract does not allow; the text names the place and never carries a value."""

    def __init__(self, type_: str, where: str, rule: str) -> None:
        super().__init__(f"{type_}: {where} breaks the rule {rule!r}")
        self.type, self.where, self.rule = type_, where, rule


@dataclass(frozen=True, kw_only=True)
class Contract:
    """One event type in one version.

    ``stream`` is the kind of aggregate in whose order the event stands; ``dataclass_`` says who may see it. ``check``
    is the producer's: exactly these fields; ``check_known`` is the consumer's: fields that a newer release added are
    passed over.
    """

    type: str
    stream: str
    dataclass_: str
    schema: dict[str, Any]
    check: Callable[[Any], Any]
    check_known: Callable[[Any], Any]

    @property
    def service(self) -> str:
        """The producing service: the third part of the type."""
        return self.type.split(".")[2]


class Registry:
    """All contracts by event type."""

    def __init__(self, contracts: list[Contract]) -> None:
        self._by_type = {contract.type: contract for contract in contracts}

    def __contains__(self, type_: str) -> bool:
        return type_ in self._by_type

    def __getitem__(self, type_: str) -> Contract:
        """The contract of a type.

        Raises:
            ContractViolation: when no such type is registered.
        """
        try:
            return self._by_type[type_]
        except KeyError:
            raise ContractViolation(type_[:200], "type", "registered") from None

    def check(self, type_: str, data: object, *, further_fields: bool = False) -> None:
        """Hold data against the contract of its type; with ``further_fields`` what it does not name may be there too.

        Raises:
            ContractViolation: when the data do not fit or the type is unknown.
        """
        contract = self[type_]
        try:
            (contract.check_known if further_fields else contract.check)(data)
        except fastjsonschema.JsonSchemaValueException as error:
            raise ContractViolation(type_, error.name or "data", error.rule or "schema") from None

    def stream(self, type_: str) -> str:
        """The stream in which events of this type are numbered."""
        return self[type_].stream

    def types(self, service: str | None = None) -> list[str]:
        """All types, or those that one service publishes, sorted."""
        return sorted(t for t, c in self._by_type.items() if service in (None, c.service))

    def example(self, type_: str) -> dict[str, Any]:
        """The first example that the contract carries."""
        example: dict[str, Any] = self[type_].schema["examples"][0]
        return example


def _schema_files(root: Traversable) -> Iterator[tuple[str, Traversable]]:
    for folder in sorted(root.iterdir(), key=lambda f: f.name):
        if folder.is_dir():
            for file in sorted(folder.iterdir(), key=lambda f: f.name):
                if file.name.endswith(".json"):
                    yield f"{TYPE_PREFIX}.{folder.name}.{file.name.removesuffix('.json')}", file


def load_contract(type_: str, text: str) -> Contract:
    """One contract from the text of its schema file.

    Raises:
        ValueError, KeyError: when the text is no JSON Schema with ``x-stream`` and ``x-dataclass``.
    """
    schema = json.loads(text)
    stream, dataclass_ = schema["x-stream"], schema["x-dataclass"]
    if dataclass_ not in DATACLASSES:
        raise ValueError(f"{type_}: x-dataclass must be one of {DATACLASSES}")
    # fastjsonschema knows draft 7; the contracts keep to what draft 7 and 2020-12 share.
    compilable = {k: v for k, v in schema.items() if not k.startswith(("x-", "$schema"))}
    return Contract(
        type=type_,
        stream=stream,
        dataclass_=dataclass_,
        schema=schema,
        check=fastjsonschema.compile(compilable, use_default=False),
        check_known=fastjsonschema.compile(_open(compilable), use_default=False),
    )


def _open(schema: Any) -> Any:
    """The same schema, in which no object refuses fields that it does not name."""
    if isinstance(schema, list):
        return [_open(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    return {name: _open(inner) for name, inner in schema.items() if (name, inner) != ("additionalProperties", False)}


@cache
def registry() -> Registry:
    """The contracts that this release carries, compiled once per process."""
    root = files("gongzheng.contracts") / "schemas"
    return Registry([load_contract(type_, file.read_text(encoding="utf-8")) for type_, file in _schema_files(root)])
