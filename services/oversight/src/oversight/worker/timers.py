"""What oversight does by the clock."""

from collections.abc import Callable

from gongzheng.timers import Timer
from oversight.handlers.keep_clocks import break_clocks, settle_provisional
from oversight.handlers.ports import Work
from oversight.handlers.rewrap_keys import rewrap_keys

# Limits end with a day, so a quarter of an hour after midnight is soon enough.
CLOCKS_EVERY_S = 900
# The rest has no hurry: a calendar is published once a year, a master key retired now and then.
SETTLE_EVERY_S = 86_400
REWRAP_EVERY_S = 300


def timers(make_uow: Callable[[], Work]) -> list[Timer]:
    """The timers of the service."""
    return [
        Timer("complaint_clocks", CLOCKS_EVERY_S, lambda: break_clocks(make_uow)),
        Timer("complaint_calendar", SETTLE_EVERY_S, lambda: settle_provisional(make_uow)),
        Timer("complaint_keys", REWRAP_EVERY_S, lambda: rewrap_keys(make_uow)),
    ]
