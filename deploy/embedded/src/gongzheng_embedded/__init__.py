"""The four services composed into one process."""
