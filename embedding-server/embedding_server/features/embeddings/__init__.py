"""Vectors for texts, in OpenAI's dialect."""
