"""Renew the last column of docs/requirements.md: the tests that carry each requirement's mark.

What a requirement is and where it is built is written by hand; which test shows it is read from the tests.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "requirements.md"
_ROW = re.compile(r"^(\| ([A-Z]-\d{2}) \| .+? \| .+? \|)[^|]*\|$", re.MULTILINE)
_MARK = re.compile(r"\.req\(([^)]*)\)")
_ID = re.compile(r'"([A-Z]-\d{2})"')


def marked() -> dict[str, list[str]]:
    """Id → test files that carry its mark, sorted."""
    found: dict[str, set[str]] = {}
    for path in (path for place in ("shared", "services", "tests") for path in (ROOT / place).rglob("test_*.py")):
        for mark in _MARK.findall(path.read_text(encoding="utf-8")):
            for id_ in _ID.findall(mark):
                found.setdefault(id_, set()).add(str(path.relative_to(ROOT)))
    return {id_: sorted(paths) for id_, paths in found.items()}


def main() -> int:
    """Rewrite the table; 1 when a mark has no row to stand in."""
    tests, text = marked(), TABLE.read_text(encoding="utf-8")

    def renewed(row: re.Match[str]) -> str:
        links = ", ".join(f"[{Path(path).stem.removeprefix('test_')}](../{path})" for path in tests.get(row[2], []))
        return f"{row[1]} {links} |"

    TABLE.write_text(_ROW.sub(renewed, text), encoding="utf-8")
    lacking = sorted(tests.keys() - {row[1] for row in _ROW.findall(text)})
    if lacking:
        print(f"no row for: {', '.join(lacking)}", file=sys.stderr)
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
