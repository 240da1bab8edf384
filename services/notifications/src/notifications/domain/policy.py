"""The service's rules as one frozen object, made from ``rules/*.toml``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

from notifications.domain.destination import DestinationRules, Network, RefusedNetwork
from notifications.domain.outcome import Ladder
from notifications.domain.redaction import ConfidentialField
from notifications.domain.subscription import EndpointRules


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How long, how often, where to, and what is shown.

    ``ladders`` by channel. ``patience`` is how long a message waits for an address. ``lease`` is how long one worker
    may hold a message or lane, longer than the sum of all its network time-outs. ``contact_kept`` is how long a contact
    point is kept after the last event that named it.
    """

    ladders: Mapping[str, Ladder]
    patience: timedelta
    lease: timedelta
    contact_kept: timedelta
    endpoints: EndpointRules
    destinations: DestinationRules
    confidential: tuple[ConfidentialField, ...]


def parse_policy(
    delivery: Mapping[str, Any],
    destinations: Mapping[str, Any],
    redaction: Mapping[str, Any],
    *,
    allowed: Sequence[Network],
) -> Policy:
    """Build the policy from the three rule files and the operator's list of allowed networks.

    Raises:
        KeyError, ValueError: when a file lacks a part; the service then does not start.
    """
    ladders = {
        channel: Ladder(steps_s=tuple(spec["steps_s"]), retry_after_max_s=spec["retry_after_max_s"])
        for channel, spec in delivery["ladders"].items()
    }
    endpoint = delivery["endpoint"]
    return Policy(
        ladders=ladders,
        patience=timedelta(seconds=delivery["messages"]["patience_s"]),
        lease=timedelta(seconds=delivery["messages"]["lease_s"]),
        contact_kept=timedelta(days=delivery["contacts"]["kept_days"]),
        endpoints=EndpointRules(
            disable_after=timedelta(seconds=endpoint["disable_after_s"]),
            rest_steps_s=tuple(endpoint["rest_steps_s"]),
            secret_overlap=timedelta(seconds=endpoint["secret_overlap_s"]),
        ),
        destinations=DestinationRules(
            refused=tuple(
                RefusedNetwork(network=ip_network(row["network"]), why=row["why"]) for row in destinations["refused"]
            ),
            allowed=tuple(allowed),
        ),
        confidential=tuple(
            ConfidentialField(
                path=row["path"],
                types=row.get("types", "*"),
                unless=row.get("unless", {}),
                law=tuple(row.get("law", ())),
            )
            for row in redaction["confidential"]
        ),
    )
