"""Inside a container: whether an address can be reached; prints yes or no."""

import socket
import sys

TIMEOUT_S = 3  # what is filtered never answers

try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), TIMEOUT_S).close()
except OSError:
    sys.stdout.write("no")
else:
    sys.stdout.write("yes")
