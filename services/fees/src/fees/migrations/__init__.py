"""Numbered migrations of the fees database; HEAD names the last one."""
