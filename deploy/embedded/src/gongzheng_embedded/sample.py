"""The real sample: old cases that nobody here wrote, taken over into the running suite."""

from collections.abc import Callable
from pathlib import Path

from cases.adapters.import_mapping import read_mapping
from cases.worker.importer import Report, run_import
from gongzheng.clock import SystemClock, legal_date
from gongzheng.db.unit_of_work import SYSTEM
from gongzheng_embedded.suite import Suite


def take_over(suite: Suite, file: Path, mapping: Path, progress: Callable[[int], None]) -> Report:
    """Import a file by a mapping; what is there already is not taken twice."""
    cases = suite.composition.services["cases"]
    mapped = read_mapping(mapping, today=legal_date(SystemClock().now()))
    return run_import(file, mapped, unit_of_work=lambda: cases.uow_factory(SYSTEM), progress=progress)
