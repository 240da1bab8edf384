"""What the worker's process does for this service: the events it follows, its timers, and imports."""
