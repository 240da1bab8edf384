"""What the story must remember between its steps, kept in a file so that it can go on after a restart."""

import json
from pathlib import Path
from typing import Any


class Memory:
    """Named facts of one run; without a path they live as long as the process."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path and path.exists() else {}

    def __getitem__(self, name: str) -> Any:
        return self._facts[name]

    def __contains__(self, name: str) -> bool:
        return name in self._facts

    def get(self, name: str, default: Any = None) -> Any:
        """The fact, or the default when it is not known yet."""
        return self._facts.get(name, default)

    def keep(self, **facts: Any) -> None:
        """Remember facts (JSON values); on disk before this returns."""
        self._facts |= facts
        if self._path is None:
            return
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps(self._facts, ensure_ascii=False, indent=1), encoding="utf-8")
        draft.replace(self._path)
