"""Clients that mean harm: crowds of sockets that say little, never end, or never read."""

import selectors
import socket
import struct
import threading
import time
from urllib.parse import urlsplit


class Crowd:
    """Many connections to one server. Each sends `opening`, then a piece of what `trickle` gives every `pause` seconds;
    nothing that comes back is read unless `reads`."""

    def __init__(self, base, count, opening=b"", trickle=None, pause=0.5, reads=True, receive_buffer=None):
        address = urlsplit(base)
        self._address = (address.hostname, address.port)
        self._opening = opening
        self._trickle = trickle
        self._pause = pause
        self._reads = reads
        self._receive_buffer = receive_buffer
        self.sockets = []
        self.received = {}
        self.ended = 0  # closed or reset by the server
        self._stopping = threading.Event()
        self._thread = None
        for _ in range(count):
            self._open()

    def _open(self):
        connection = socket.socket()
        if self._receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer)
        connection.settimeout(30)
        connection.connect(self._address)
        try:
            connection.sendall(self._opening)
        except OSError:
            pass  # It may have been turned away already.
        connection.setblocking(False)
        self.sockets.append(connection)
        self.received[connection] = b""

    def __enter__(self):
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self._thread.join()
        for connection in self.sockets:
            connection.close()

    @property
    def alive(self):
        return len(self.sockets) - self.ended

    def _run(self):
        waiting = selectors.DefaultSelector()
        if self._reads:
            for connection in self.sockets:
                waiting.register(connection, selectors.EVENT_READ)
        next_piece = time.monotonic() + self._pause
        dead = set()
        while not self._stopping.is_set():
            for key, _ in waiting.select(0.05) if self._reads else ():
                if not self._read(key.fileobj):
                    waiting.unregister(key.fileobj)
                    dead.add(key.fileobj)
                    self.ended += 1
            if not self._reads:
                self._stopping.wait(0.05)
            if self._trickle and time.monotonic() >= next_piece:
                next_piece += self._pause
                for connection in self.sockets:
                    if connection not in dead:
                        self._send(connection, self._trickle)

    def _read(self, connection):
        try:
            piece = connection.recv(65536)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self.received[connection] = (self.received[connection] + piece)[:4096]
        return bool(piece)

    @staticmethod
    def _send(connection, piece):
        try:
            connection.send(piece)
        except OSError:
            pass

    def statuses(self):
        """How often each status was answered; 0 for an end without an answer."""
        counts = {}
        for data in self.received.values():
            status = int(data.split(b" ", 2)[1]) if data.startswith(b"HTTP/1.1 ") else 0
            counts[status] = counts.get(status, 0) + 1
        return counts


def reset(connection):
    """Ends a connection without a goodbye: the peer gets an RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def resident_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmRSS:"))


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
