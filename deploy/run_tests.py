"""Run every test with branch coverage: two pytest processes side by side, because one core of two would idle.

The halves share nothing: each starts its own private servers on free ports. Exit status 0 only when both are green.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HALVES = (("packages", ["shared/tests", "services"]), ("suite", ["tests"]))


def main() -> int:
    """Run the halves; the first one's output is shown as it comes, the second one's after it."""
    for stale in ROOT.glob(".coverage*"):
        stale.unlink()
    with tempfile.TemporaryDirectory(prefix="gongzheng-tests-") as folder:
        running = [(name, Path(folder) / f"{name}.log", start(name, paths, Path(folder))) for name, paths in HALVES]
        failed = [name for name, log, process in running if not finish(name, log, process)]
    if failed:
        print(f"gongzheng: failed: {', '.join(failed)}", file=sys.stderr)
    return report() or bool(failed)


def start(name: str, paths: list[str], folder: Path) -> subprocess.Popen[bytes]:
    """One pytest under coverage; data files of the halves have different names and are combined later."""
    words = [sys.executable, "-m", "coverage", "run", f"--data-file=.coverage.{name}", "-m", "pytest"]
    options = ["--durations=15", "-p", "no:cacheprovider", *sys.argv[1:], *paths]
    # -p no:cacheprovider: two processes would overwrite each other's cache.
    with (folder / f"{name}.log").open("wb") as log:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        return subprocess.Popen([*words, *options], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env=environment)


def finish(name: str, log: Path, process: subprocess.Popen[bytes]) -> bool:
    """Show a half's output as it grows; True when all its tests passed."""
    print(f"--- {name}", flush=True)
    with log.open("rb") as lines:
        while True:
            try:
                process.wait(timeout=0.5)
                ended = True
            except subprocess.TimeoutExpired:
                ended = False
            sys.stdout.buffer.write(lines.read())
            sys.stdout.flush()
            if ended:
                sys.stdout.buffer.write(lines.read())
                return process.returncode == 0


def report() -> int:
    """Print the branch coverage of both halves together."""
    coverage = [sys.executable, "-m", "coverage"]
    subprocess.run([*coverage, "combine", "--quiet"], cwd=ROOT, check=False)
    return subprocess.run([*coverage, "report", "--skip-empty"], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
