"""Collecting agents and their keys, in the database."""

from typing import Any

from peewee import IntegrityError

from fees.adapters.insert import insert
from fees.adapters.tables import AgentKeyRow, AgentRow
from fees.domain.agent import AgentKey, Algorithm, CollectingAgent
from fees.domain.errors import AgreementReferenceTaken, UnknownAgent

_AGENT = tuple(AgentRow._meta.sorted_field_names)  # noqa: SLF001 peewee's documented place for the names


class AgentRepository:
    """Collecting agents and their keys."""

    def add(self, agent: CollectingAgent) -> None:
        """Keep a new one.

        Raises:
            AgreementReferenceTaken: when the agreement was registered before.
        """
        try:
            insert(AgentRow, vars(agent))
        except IntegrityError:
            raise AgreementReferenceTaken(agent.agreement_reference) from None

    def get(self, agent_id: str) -> CollectingAgent:
        """One by its id.

        Raises:
            UnknownAgent: when there is none.
        """
        row = AgentRow.get_or_none(AgentRow.id == agent_id)
        if row is None:
            raise UnknownAgent(agent_id)
        return _agent(row)

    def page(self, *, limit: int, after: str | None) -> list[CollectingAgent]:
        """At most ``limit`` agents in the order of their ids."""
        query = AgentRow.select().order_by(AgentRow.id).limit(limit)
        return [_agent(row) for row in (query if after is None else query.where(AgentRow.id > after))]

    def add_key(self, key: AgentKey) -> None:
        """Keep a key."""
        insert(AgentKeyRow, vars(key) | {"algorithm": key.algorithm.value})

    def key(self, agent_id: str, key_id: str) -> AgentKey | None:
        """A key of an agent, revoked or not."""
        row = AgentKeyRow.get_or_none(AgentKeyRow.id == key_id, AgentKeyRow.agent_id == agent_id)
        return None if row is None else _key(row)

    def keys(self, agent_id: str) -> list[AgentKey]:
        """All keys of an agent, revoked ones too."""
        return [
            _key(row) for row in AgentKeyRow.select().where(AgentKeyRow.agent_id == agent_id).order_by(AgentKeyRow.id)
        ]

    def save_key(self, key: AgentKey) -> None:
        """Keep that a key is revoked."""
        AgentKeyRow.update(revoked_at=key.revoked_at).where(AgentKeyRow.id == key.id).execute()


def _agent(row: Any) -> CollectingAgent:
    return CollectingAgent(**{name: getattr(row, name) for name in _AGENT})


def _key(row: Any) -> AgentKey:
    return AgentKey(
        id=row.id,
        agent_id=row.agent_id,
        algorithm=Algorithm(row.algorithm),
        material=bytes(row.material),
        added_at=row.added_at,
        revoked_at=row.revoked_at,
    )
