"""Bytes of a file to lines: one decoding and one idea of a line for all stages, so that citations agree."""

import codecs
import re

from charset_normalizer import from_bytes

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DETECTION_BYTES = 64 * 1024


class Undecodable(ValueError):
    """The bytes are not text in any encoding that is known or declared."""


def decode(data: bytes) -> str:
    r"""Text of a file with ``\n`` line ends and no nul characters.

    Raises:
        Undecodable: No encoding fits.
    """
    text = _decode(data).replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\0", "\ufffd")


def split_lines(text: str) -> list[str]:
    r"""Lines as every parser here counts them: only ``\n`` ends one, and a final one begins no empty line."""
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return lines


def _decode(data: bytes) -> str:
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return _decode_declared(data) or _decode_guessed(data)


def _decode_declared(data: bytes) -> str | None:
    for line in data.split(b"\n", 2)[:2]:
        if match := _COOKIE.match(line):
            try:
                return data.decode(match[1].decode("ascii"))
            except (LookupError, UnicodeDecodeError):
                return None
    return None


def _decode_guessed(data: bytes) -> str:
    guess = from_bytes(data[:_DETECTION_BYTES]).best()
    if guess is None:
        raise Undecodable("The file is not text in a known encoding.")
    try:
        return data.decode(guess.encoding)
    except UnicodeDecodeError as error:
        raise Undecodable("The file mixes encodings.") from error
