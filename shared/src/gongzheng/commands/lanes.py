"""``gongzheng lanes``: stands with the event mechanism, in ``gongzheng.messaging.cli``."""

from gongzheng.messaging.cli import lanes

COMMANDS = (lanes,)
