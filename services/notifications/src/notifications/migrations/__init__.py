"""Numbered, applied in order; HEAD names the last one."""
