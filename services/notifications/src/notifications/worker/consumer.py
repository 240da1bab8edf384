"""Which events this service follows, and what takes them in: every stream of every service, its own too."""

from collections.abc import Mapping

from gongzheng.messaging.consumer import EVERY_TYPE, Handler
from gongzheng.messaging.topology import FOLLOWS
from notifications.handlers.receive_event import receive_event

HANDLERS: Mapping[str, Handler] = {EVERY_TYPE: receive_event}
BINDINGS = FOLLOWS["notifications"]
