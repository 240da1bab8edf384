"""The API of the fees service."""

from fees.api import agents, books, notices, obligations, public, receipts

BLUEPRINTS = (
    agents.blueprint,
    obligations.blueprint,
    notices.blueprint,
    receipts.blueprint,
    books.blueprint,
    public.blueprint,
)
