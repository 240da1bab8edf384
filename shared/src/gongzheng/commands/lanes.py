"""``gongzheng lanes`` and ``gongzheng republish``: both stand with the event mechanism."""

from gongzheng.messaging.cli import lanes, republish

COMMANDS = (lanes, republish)
