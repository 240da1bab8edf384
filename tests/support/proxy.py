"""A TCP relay between a client and a server that cuts and delays when told: the network's faults, on request."""

import contextlib
import select
import socket
import threading
import time
from types import TracebackType
from typing import Self


class CuttableProxy:
    """Listens on a free port of 127.0.0.1 and passes bytes to another port until it is told to cut.

    While ``delay_s`` is not zero, what either side sends arrives so much later.
    """

    def __init__(self, target_port: int) -> None:
        self._target = target_port
        self.delay_s = 0.0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._guard = threading.Lock()
        self._refusing = False
        self._accepting = threading.Thread(target=self._accept, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(5)
        self.cut()

    def cut(self) -> int:
        """Reset every connection that is open now; returns how many there were."""
        with self._guard:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    # Shut down first: closing alone does not wake the thread that waits on it.
                    end.shutdown(socket.SHUT_RDWR)
        return len(pairs)

    def callers(self) -> set[int]:
        """The ports from which the server is called now."""
        with self._guard:
            servers = [server for _, server in self._pairs]
        found: set[int] = set()
        for server in servers:
            with contextlib.suppress(OSError):
                found.add(server.getsockname()[1])
        return found

    def refuse(self, *, refusing: bool) -> None:
        """From now on let nobody in (or again)."""
        self._refusing = refusing

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                if self._refusing:
                    raise ConnectionRefusedError
                server = socket.create_connection(("127.0.0.1", self._target), timeout=5)
                server.settimeout(None)
            except OSError:
                client.close()
                continue
            with self._guard:
                self._pairs.add((client, server))
            threading.Thread(target=self._pump, args=(client, server), name="proxy-pump", daemon=True).start()

    def _pump(self, client: socket.socket, server: socket.socket) -> None:
        other = {client: server, server: client}
        with contextlib.suppress(OSError):
            while True:
                for readable in select.select([client, server], [], [])[0]:
                    data = readable.recv(65536)
                    if not data:
                        return self._forget(client, server)
                    time.sleep(self.delay_s)
                    other[readable].sendall(data)
        return self._forget(client, server)

    def _forget(self, client: socket.socket, server: socket.socket) -> None:
        with self._guard:
            self._pairs.discard((client, server))
        client.close()
        server.close()
