"""The oversight service."""
