"""Inside a service's container: ask every producer's feed with the token it was given.

Prints a JSON object: producer → HTTP status.
"""

import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path

PREFIX = sys.argv[1].upper()
TOKEN = Path(os.environ[f"{PREFIX}_FEED_TOKEN_FILE"]).read_text(encoding="utf-8").strip()


def status(producer: str) -> int:
    """What a producer answers."""
    address = f"http://{producer}:8000/api/v1/events?limit=1"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {TOKEN}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 inside
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


PRODUCERS = ("cases", "fees", "oversight", "notifications")
sys.stdout.write(json.dumps({producer: status(producer) for producer in PRODUCERS}))
