"""Edges of the fees service: tables, repositories, keys, paper."""
