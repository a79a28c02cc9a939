"""The ``ask`` run: from a question to an answer whose citations were checked."""
