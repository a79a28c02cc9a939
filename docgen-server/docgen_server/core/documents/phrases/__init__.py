"""What pages say between the facts, in the languages that they are written in."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import orjson

LOCALES = ("en", "ko")


def load_phrases(locale: str) -> Mapping[str, str]:
    """The phrases of a language by key."""
    phrases: dict[str, str] = orjson.loads(files(__package__).joinpath(f"{locale}.json").read_bytes())
    return phrases


class Phrases:
    """Says things in one language: ``say("lines", n=3)``.

    A phrase whose number decides its form has one entry for ``one`` and one for ``other``; numbers get their thousands
    set off.
    """

    def __init__(self, phrases: Mapping[str, str]) -> None:
        self._phrases = phrases

    def __call__(self, key: str, **values: Any) -> str:
        """The phrase with its values put in."""
        form = "one" if values.get("n") == 1 else "other"
        phrase = self._phrases.get(f"{key}.{form}") or self._phrases[key]
        return phrase.format(
            **{name: f"{value:,}" if isinstance(value, int) else value for name, value in values.items()}
        )
