"""Fixtures that every test of the workspace may ask for."""

pytest_plugins = ["tests.support.servers"]
