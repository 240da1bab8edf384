"""Fault injection under load: what is lost, doubled or out of order when everything fails in turn."""
