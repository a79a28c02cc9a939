"""What can be wrong with a request for embeddings.

InvalidInput
├── TokenArraysUnsupported  422  token ids instead of texts
├── EmptyInput              422  no text at all
├── TooManyTexts            422  more texts than one request may hold
└── InvalidDimensions       422  more dimensions than the model has
"""

from codemuse.errors import InvalidInput


class TokenArraysUnsupported(InvalidInput):
    """Token ids instead of texts: they would be of another model's vocabulary."""

    code = "token_arrays_unsupported"

    def __init__(self) -> None:
        super().__init__("Arrays of tokens are not supported: send 'input' as a string or an array of strings.")


class EmptyInput(InvalidInput):
    """No text at all."""

    code = "empty_input"

    def __init__(self) -> None:
        super().__init__("'input' must hold at least one text.")


class TooManyTexts(InvalidInput):
    """More texts than one request may hold."""

    code = "too_many_texts"

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(f"One request may hold at most {limit} texts, not {count}; split it.", limit=limit)


class InvalidDimensions(InvalidInput):
    """More dimensions than the model has."""

    code = "invalid_dimensions"

    def __init__(self, model_id: str, dimensions: int) -> None:
        super().__init__(f"'{model_id}' has {dimensions} dimensions; ask for at most so many.", limit=dimensions)
