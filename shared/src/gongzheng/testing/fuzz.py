"""Fuzzing an application against its own document with schemathesis, in this process."""

from collections.abc import Collection
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode

# What a request that fits the document may still meet: a rule of the domain, another state, a limit.
_LAWFUL_REFUSALS = ["2xx", "401", "403", "404", "409", "412", "422", "429"]
# What a request that does not fit the document may meet. 403: some generated tokens of a path are checked before.
_RIGHTFUL_REJECTIONS = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "422", "428", "429"]
_INVALID = "invalid"


def fuzz(
    app: Flask, token: str, *, max_examples: int = 30, skip: Collection[str] = (), only: Collection[str] = ()
) -> int:
    """Send valid and invalid requests to every operation and hold each answer against the document.

    A request that fits the document must not be answered with the problem ``invalid``; one that does not fit must be
    refused; every status, header and body must be documented; nothing may fail with 500.

    Args:
        app: the application; set ``app.testing`` to see the error behind a 500.
        token: an access token that may call everything.
        max_examples: per operation and kind.
        skip: paths to leave out, as they stand in the document.
        only: paths to restrict it to.

    Returns:
        How many operations were fuzzed.

    Raises:
        AssertionError: (from schemathesis) naming the operation, the request and what is wrong.
    """
    config = SchemathesisConfig.from_dict(
        {
            "checks": {
                "positive_data_acceptance": {"expected-statuses": _LAWFUL_REFUSALS},
                "negative_data_rejection": {"expected-statuses": _RIGHTFUL_REJECTIONS},
                "missing_required_header": {"expected-statuses": ["400", "401", "422", "428"]},
            }
        }
    )
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app, config=config)
    count = 0
    for result in schema.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr] # an invalid document raises here, as it should
        if operation.path in skip or (only and operation.path not in only):
            continue
        count += 1
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _probe(operation, mode, token, max_examples)
    return count


def _probe(operation: Any, mode: GenerationMode, token: str, max_examples: int) -> None:
    @settings(
        max_examples=max_examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=True,
        phases=[Phase.generate],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def probe(case: Any) -> None:
        response = case.call_and_validate(headers={"Authorization": f"Bearer {token}"})
        if mode is GenerationMode.POSITIVE and response.status_code == 422:  # noqa: PLR2004 an HTTP status
            problem = response.json()
            assert problem["code"] != _INVALID, f"{operation.label} refuses what its document allows: {problem}"  # noqa: S101 a test helper asserts

    try:
        probe()
    except Exception as error:
        if type(error).__name__ in ("Unsatisfiable", "SkipTest"):
            return  # there is no way to make an invalid request of this operation
        raise
