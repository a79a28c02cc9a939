"""Token ids of texts, word by word: the words of code repeat, and a tokenizer need not see the same one twice.

The pipeline of BERT's tokenizers looks at nothing beyond a word: white space and punctuation end one, and what happens to
its characters depends on no neighbour. So a text's tokens are those of its words, one after the other.
"""

import re
from collections.abc import Sequence
from itertools import chain

from tokenizers import Tokenizer  # type: ignore[import-untyped]
from tokenizers.models import WordPiece  # type: ignore[import-untyped]
from tokenizers.normalizers import BertNormalizer  # type: ignore[import-untyped]
from tokenizers.pre_tokenizers import BertPreTokenizer  # type: ignore[import-untyped]

from embedding_server.core.backend import TokenIds

MOST_CHARACTERS = 4_000_000
"""Of the words that are remembered: some 100,000 identifiers."""
_WORD = re.compile(r"[^\t\n\r -/:-@\[-`{-~]+|[!-/:-@\[-`{-~]")
"""A run of anything but ASCII's blanks and punctuation, or one mark. What else ends a word is left to the tokenizer."""


class WordTokens:
    """Tokenizes texts by the words that were met before.

    Args:
        tokenizer: One that ``fits``.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._known: dict[str, list[int]] = {}
        self._characters = 0

    @staticmethod
    def fits(tokenizer: Tokenizer) -> bool:
        """Whether a tokenizer is one of BERT's."""
        return (
            isinstance(tokenizer.normalizer, BertNormalizer)
            and isinstance(tokenizer.pre_tokenizer, BertPreTokenizer)
            and isinstance(tokenizer.model, WordPiece)
        )

    def encode(self, texts: Sequence[str], limit: int) -> list[TokenIds]:
        """At most ``limit`` token ids of each text, none of them special: what looks like one is words."""
        rows = [_WORD.findall(text) for text in texts]
        get = self._learn(set().union(*rows)).__getitem__
        return [list(chain.from_iterable(map(get, row)))[:limit] for row in rows]

    def _learn(self, words: set[str]) -> dict[str, list[int]]:
        """The ids of all these words, and of others; several threads may ask."""
        known = self._known
        fresh = [word for word in words if word not in known]
        characters = self._characters + sum(map(len, fresh))
        if characters > MOST_CHARACTERS:
            known, fresh, characters = {}, list(words), sum(map(len, words))
        encodings = self._tokenizer.encode_batch_fast(fresh, add_special_tokens=False)
        known.update(zip(fresh, (encoding.ids for encoding in encodings), strict=True))
        self._known, self._characters = known, characters
        return known
