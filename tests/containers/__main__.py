"""`make compose-story`: the containers brought up from a copy of this checkout, tried, and taken down again."""

import os
import subprocess
import sys

from deploy.compose import ComposeError, compose_command


def main(arguments: list[str]) -> int:
    """Run the tests of this folder; 1 with one sentence where there is no engine."""
    try:
        compose_command()
    except ComposeError as missing:
        sys.stderr.write(f"gongzheng: {missing}\n")
        return 1
    words = [sys.executable, "-m", "pytest", "tests/containers", "-v", "-s", *arguments]
    return subprocess.run(words, check=False, env={**os.environ, "GONGZHENG_CONTAINERS": "1"}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
