"""Takes out of a text what looks like a credential, before it is kept."""

import re

from codemuse.logging import MASK, mask

_BLOCKS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_TOKENS = re.compile(
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"  # Amazon
    r"|\bAIza[0-9A-Za-z_\-]{35}\b"  # Google
    r"|\bgithub_pat_\w{22,}\b|\bgh[usr]_[A-Za-z0-9]{20,}\b"
    r"|\b(?:sk|rk|pk)_(?:live|test)_[0-9A-Za-z]{10,}\b"  # Stripe
    r"|\bnpm_[A-Za-z0-9]{30,}\b|\bpypi-[A-Za-z0-9_\-]{30,}\b|\bhf_[A-Za-z0-9]{30,}\b"
)
_ASSIGNED = re.compile(
    r"""(?i)((?:\b|_)(?:password|passwd|pwd|secret|api[_-]?key|access[_-]?key|auth[_-]?token|private[_-]?key|token)["']?
    \s*(?:=|:=|:|=>)\s*)(["'`]?)([^\s"'`,;)}\]]{6,})""",
    re.VERBOSE,
)
_CODE = re.compile(r"[A-Za-z_][\w.]*[(\[.]|[a-z_]+$|[A-Z_]+$|\$|\{|<|None|null|true|false")
"""What stands behind such a name and is no secret: a call, a variable, a placeholder."""


def hide_secrets(text: str) -> str:
    """The text without keys, tokens and passwords."""
    text = mask(_TOKENS.sub(MASK, _BLOCKS.sub(MASK, text)))
    return _ASSIGNED.sub(_hide_value, text)


def _hide_value(match: re.Match[str]) -> str:
    name, quote, value = match.groups()
    return match.group() if not quote and _CODE.match(value) else f"{name}{quote}{MASK}"
