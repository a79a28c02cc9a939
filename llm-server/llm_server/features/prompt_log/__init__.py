"""The log of prompts and answers."""
