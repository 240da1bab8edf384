"""The fees service: collects what a served decision owes, and can decide nothing."""
