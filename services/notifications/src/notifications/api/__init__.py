"""The API of notifications: messages and their proof, subscriptions, the feed, templates, contact points."""

from notifications.api.contacts import contacts
from notifications.api.deliveries import deliveries
from notifications.api.feed import feed
from notifications.api.messages import messages
from notifications.api.subscriptions import subscriptions
from notifications.api.templates import templates

BLUEPRINTS = (messages, subscriptions, deliveries, feed, templates, contacts)
"""Everything mounted below /api/v1."""
