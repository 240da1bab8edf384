"""The guards by the name under which ``rules/transitions.toml`` refers to them.

A guard is a pure function of the facts, named for what the law calls the thing; it returns nothing when satisfied and
raises the refusal, with its article, when not. A new guard is written in one of the modules and found by its name.
"""

from collections.abc import Callable, Mapping
from types import ModuleType

from cases.domain.facts import Facts
from cases.domain.guards import (
    evidence,
    hearing,
    leniency,
    measures,
    order,
    people,
    review,
    service,
    simple,
    substance,
    time,
)

Guard = Callable[[Facts], None]


def _guards(module: ModuleType) -> dict[str, Guard]:
    return {name: getattr(module, name) for name in module.__all__}


_MODULES = (order, people, substance, hearing, evidence, review, time, service, measures, leniency, simple)
GUARDS: Mapping[str, Guard] = {name: guard for module in _MODULES for name, guard in _guards(module).items()}
