"""The HTTP edge: what callers send becomes an act, what they get back is the case as it stands."""

from cases.api import acts, cases, measures, papers, registers, simple, time

BLUEPRINTS = (
    cases.blueprint,
    acts.blueprint,
    papers.blueprint,
    measures.blueprint,
    simple.blueprint,
    registers.blueprint,
    time.blueprint,
)
