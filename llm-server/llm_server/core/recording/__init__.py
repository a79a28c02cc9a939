"""Prompts and answers, for organisations that want them written down."""
