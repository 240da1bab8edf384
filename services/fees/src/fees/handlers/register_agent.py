"""A collecting agent is registered with its agreement and its keys (DECREE-235 5-6)."""

from dataclasses import replace

from fees.domain.agent import AgentKey, CollectingAgent
from fees.domain.errors import UnknownAgent
from fees.handlers.ports import FeesUnitOfWork


def register_agent(uow: FeesUnitOfWork, agent: CollectingAgent, key: AgentKey) -> None:
    """Register an agent with its first key.

    Raises:
        AgreementPeriodInvalid: when the agreement ends before it begins.
        AgreementReferenceTaken: when the agreement was registered before.
    """
    agent.check()
    uow.agents.add(agent)
    uow.agents.add_key(key)
    uow.audit("collecting_agent.register", f"collecting-agent/{agent.id}", key_id=key.id)


def add_agent_key(uow: FeesUnitOfWork, key: AgentKey) -> None:
    """Give an agent a further key; the earlier ones stay valid until they are revoked.

    Raises:
        UnknownAgent: when there is no such agent.
    """
    uow.agents.get(key.agent_id)
    uow.agents.add_key(key)
    uow.audit("collecting_agent.add_key", f"collecting-agent/{key.agent_id}", key_id=key.id)


def revoke_agent_key(uow: FeesUnitOfWork, agent_id: str, key_id: str) -> AgentKey:
    """Revoke a key at once; revoking again changes nothing.

    Raises:
        UnknownAgent: when there is no such agent or key.
    """
    key = uow.agents.key(agent_id, key_id)
    if key is None:
        raise UnknownAgent(key_id)
    if key.revoked_at is None:
        key = replace(key, revoked_at=uow.now)
        uow.agents.save_key(key)
        uow.audit("collecting_agent.revoke_key", f"collecting-agent/{agent_id}", key_id=key_id)
    return key
