"""Two parsers that others wrote: what requests each sees in some bytes, and whether it refuses what follows them."""

from dataclasses import dataclass, field

import h11
import httptools


@dataclass
class Reading:
    requests: list = field(default_factory=list)  # (method, target, body)
    refusal: str = ""
    stopped: bool = False  # It looks at nothing more: the connection ends, or becomes something else.


class Llhttp:
    name = "llhttp"

    def read(self, data):
        reading = Reading()
        sink = _Sink(reading)
        parser = httptools.HttpRequestParser(sink)
        sink.parser = parser
        try:
            parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            reading.stopped = True
        except httptools.HttpParserError as error:
            reading.refusal = f"{type(error).__name__}: {error}"
        return reading


class _Sink:
    def __init__(self, reading):
        self.reading = reading
        self.parser = None

    def on_message_begin(self):
        self.target = b""
        self.body = b""

    def on_url(self, piece):
        self.target += piece

    def on_body(self, piece):
        self.body += piece

    def on_message_complete(self):
        self.reading.requests.append((self.parser.get_method().decode(), self.target, self.body))


class H11:
    name = "h11"

    def read(self, data):
        reading = Reading()
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=65536)
        try:
            connection.receive_data(data)
            while self._take_one(connection, reading):
                pass
        except h11.RemoteProtocolError as error:
            reading.refusal = str(error)
        return reading

    def _take_one(self, connection, reading):
        request, body = None, b""
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                return False
            if event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                reading.stopped = True
                return False
            if isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                break
        reading.requests.append((request.method.decode(), bytes(request.target), body))
        connection.send(h11.Response(status_code=200, headers=[("content-length", "0")]))
        connection.send(h11.EndOfMessage())
        if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
            reading.stopped = True
            return False
        connection.start_next_cycle()
        return True
