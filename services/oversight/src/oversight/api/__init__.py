"""Oversight's API for people and systems."""

from oversight.api.complaints import complaints
from oversight.api.plans import plans
from oversight.api.public import public_complaints
from oversight.api.records import records

BLUEPRINTS = (public_complaints, complaints, records, plans)

__all__ = ["BLUEPRINTS"]
