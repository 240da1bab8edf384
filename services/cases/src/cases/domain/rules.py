"""Reads ``rules/*.toml``, the law as data; each file once per process. A malformed one prevents the start."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

FORMAT = 1


@cache
def rule_file(name: str) -> dict[str, Any]:
    """The content of ``rules/<name>.toml``.

    Raises:
        ValueError: when the file is not of the format this release reads.
    """
    content = tomllib.loads((files("cases") / "rules" / f"{name}.toml").read_text(encoding="utf-8"))
    if content.get("format") != FORMAT:
        raise ValueError(f"rules/{name}.toml is not of format {FORMAT}")
    return content
