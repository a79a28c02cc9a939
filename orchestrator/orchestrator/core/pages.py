"""Cursor paging: a cursor is the sort key of the last row seen, opaque to the caller."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime

from codemuse.errors import InvalidInput

Key = tuple[datetime, str]
MAXIMUM_PAGE = 200


def encode_cursor(key: Key) -> str:
    """A cursor that stands after the row with this key."""
    return base64.urlsafe_b64encode(f"{key[0].isoformat()}|{key[1]}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> Key | None:
    """The key in a cursor.

    Raises:
        InvalidInput: It is not one of ours.
    """
    if not cursor:
        return None
    try:
        moment, _, row_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition("|")
        return datetime.fromisoformat(moment), row_id
    except (ValueError, binascii.Error):
        raise InvalidInput("The cursor is not one that this API gave out.", code="invalid_cursor") from None


def next_cursor(rows: Sequence[object], limit: int) -> str | None:
    """The cursor after a full page whose rows have ``created_at`` and ``id``; nothing after the last page."""
    if len(rows) <= limit:
        return None
    last = rows[limit - 1]
    return encode_cursor((last.created_at, last.id))  # type: ignore[attr-defined]
