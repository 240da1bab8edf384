"""What goes over the wire: one JSON Schema per event type and version, checked on publish and on consume."""

from gongzheng.contracts.registry import ContractViolation, Registry, registry

__all__ = ["ContractViolation", "Registry", "registry"]
