"""Helpers for the tests of services: a client that behaves as a good caller does, and the police of the repository."""

from gongzheng.testing.client import Answer, ApiClient, api_client, token_settings

__all__ = ["Answer", "ApiClient", "api_client", "token_settings"]
