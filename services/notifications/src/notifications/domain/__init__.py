"""What notifications are, without tables, wires or clocks: messages, templates, subscriptions, lanes, destinations."""
