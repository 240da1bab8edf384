"""gunicorn's settings for every service; what the command line gives goes before these."""

import os
from typing import Any

from prometheus_client.multiprocess import mark_process_dead

# Threads share a process's memory and hold one database connection each; requests here wait for the database.
worker_class = "gthread"
# A request that takes longer has met a lock or a dead peer; the worker is replaced and the caller sees 502.
timeout = 60
# On SIGTERM requests under way may finish; the orchestrator's own grace must be longer.
graceful_timeout = 30
# Longer than the usual 60 s of a proxy's pooled connection would be refused by some; 65 outlives them.
keepalive = 65
# Replaced now and then, not all at once, so that a slow leak of memory never counts.
max_requests = 20_000
max_requests_jitter = 2_000
# The heartbeat file must not lie on a disk: a blocked disk would look like a dead worker.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108 gunicorn wants text; a mount
# The frame writes one line a request itself, without addresses and paths.
accesslog = None
errorlog = "-"
# Nobody steers a running server through a socket; signals do.
control_socket_disable = True
# Limits before the application sees anything.
limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 16_384


def child_exit(_server: Any, worker: Any) -> None:
    """Let the metrics of a worker that is gone stop counting as live."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call] # the library has no types here
