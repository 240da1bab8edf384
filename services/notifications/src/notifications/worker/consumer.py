"""Which events this service follows, and what takes them in: every stream of every service, its own too."""

from collections.abc import Mapping
from typing import Any

from gongzheng.messaging.consumer import EVERY_TYPE, Handler
from gongzheng.messaging.projection import Projection
from gongzheng.messaging.topology import FOLLOWS
from notifications.adapters.log import read_log
from notifications.handlers.learn_contact import note_case_party
from notifications.handlers.receive_event import receive_event

HANDLERS: Mapping[str, Handler] = {EVERY_TYPE: receive_event}
BINDINGS = FOLLOWS["notifications"]

_PAGE = 500


def _received(cursor: Any) -> tuple[list[str], Any]:
    page = read_log(cursor or 0, limit=_PAGE)
    return [entry.body for entry in page], page[-1].position if page else cursor


# The log of received events is numbered here, and readers follow its numbers; contact points have versions and are
# forgotten after a time; messages and deliveries are sent: none of these can be made again.
PROJECTIONS = (
    # Several services tell which party a case is about, so the order in which they were heard matters.
    Projection(name="parties-of-cases", tables=("case_party",), handlers={EVERY_TYPE: note_case_party}, log=_received),
)
