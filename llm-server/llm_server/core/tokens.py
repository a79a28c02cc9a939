"""About how many tokens a conversation has, without the vocabulary of every model at hand.

Byte-pair vocabularies differ by family, but for one family tokens are close to proportional to UTF-8 bytes. We start from
a figure for each family and correct it by what the upstream itself counts.
"""

from collections.abc import Iterable

from llm_server.core.calls import Json, message_text

_BYTES_A_TOKEN = (("claude", 3.5), ("gpt", 3.9), ("qwen", 3.6), ("gemini", 4.0), ("llama", 3.8))
_DEFAULT_BYTES_A_TOKEN = 3.6
_MESSAGE_TOKENS = 4
"""Role and delimiters (OpenAI's cookbook counts three or four)."""
_IMAGE_TOKENS = 1000
_LEARNING_RATE = 0.1
_MINIMUM_LESSON_TOKENS = 20


class TokenCounter:
    """Counts for one model, and learns from the counts of its upstream."""

    def __init__(self, model_name: str) -> None:
        lowered = model_name.lower()
        self.bytes_a_token = next(
            (figure for family, figure in _BYTES_A_TOKEN if family in lowered), _DEFAULT_BYTES_A_TOKEN
        )

    def count_text(self, text: str) -> int:
        """Tokens of a text."""
        return -int(-_size(text) // self.bytes_a_token) if text else 0

    def count_messages(self, messages: Iterable[Json], tools: object = None) -> int:
        """Tokens of a conversation as it is read by the model."""
        total = _MESSAGE_TOKENS * len(tools) * 4 if isinstance(tools, list) else 0
        for message in messages:
            total += _MESSAGE_TOKENS + self.count_text(message_text(message)) + _images(message) * _IMAGE_TOKENS
            if message.get("tool_calls"):
                total += self.count_text(str(message["tool_calls"]))
        return total + (self.count_text(str(tools)) if tools else 0)

    def learn(self, counted: int, told: int) -> None:
        """Move towards the upstream's count; short prompts are mostly delimiters and teach nothing."""
        if counted >= _MINIMUM_LESSON_TOKENS and told >= _MINIMUM_LESSON_TOKENS:
            seen = min(8.0, max(0.8, self.bytes_a_token * counted / told))
            self.bytes_a_token += _LEARNING_RATE * (seen - self.bytes_a_token)


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _images(message: Json) -> int:
    content = message.get("content")
    if not isinstance(content, list):
        return 0
    return sum(1 for part in content if isinstance(part, dict) and part.get("type") == "image_url")
