"""Server-sent events: a tolerant reader of what upstreams send, and the writer of what we send.

The upstreams' events are JSON on one line each, so every ``data:`` line is an event: a missing blank line, comments,
other fields, any line ending and any cut between packets do no harm.
"""

from collections.abc import Iterable

DONE = b"[DONE]"
MAXIMUM_EVENT_BYTES = 8 * 2**20


class EventTooLarge(ValueError):
    """A line grew beyond every reasonable event."""


class EventReader:
    """Takes packets in, gives the data of complete events out."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, packet: bytes) -> list[bytes]:
        """Data of the events that are complete now.

        Raises:
            EventTooLarge: A line does not end.
        """
        lines = (self._rest + packet).replace(b"\r", b"\n").split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > MAXIMUM_EVENT_BYTES:
            raise EventTooLarge
        return [data for line in lines if (data := _data(line))]

    def close(self) -> list[bytes]:
        """Data of a last event whose line did not end."""
        data, self._rest = _data(self._rest), b""
        return [data] if data else []


def _data(line: bytes) -> bytes:
    return line[5:].strip() if line.startswith(b"data:") else b""


def frame(data: bytes) -> bytes:
    """An event on the wire."""
    return b"data: " + data + b"\n\n"


def frames(events: Iterable[bytes]) -> bytes:
    """Several events on the wire."""
    return b"".join([b"data: " + data + b"\n\n" for data in events])
