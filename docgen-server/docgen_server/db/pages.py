"""Cursors of paged lists: opaque to callers, plain positions to us."""

import base64
import binascii

from codemuse.errors import InvalidInput


class InvalidCursor(InvalidInput):
    """The cursor is not one that this service gave out."""

    code = "invalid_cursor"


def encode_cursor(position: str) -> str:
    """An opaque cursor for a position."""
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> str:
    """The position behind a cursor; no cursor is the beginning.

    Raises:
        InvalidCursor: It cannot be read.
    """
    if not cursor:
        return ""
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise InvalidCursor("The cursor is not valid; begin again without one.") from None


def decode_offset(cursor: str | None) -> int:
    """The number behind the cursor of a list whose order has no key.

    Raises:
        InvalidCursor: It cannot be read.
    """
    position = decode_cursor(cursor) or "0"
    if not position.isdecimal() or len(position) > 9:
        raise InvalidCursor("The cursor is not valid; begin again without one.")
    return int(position)
