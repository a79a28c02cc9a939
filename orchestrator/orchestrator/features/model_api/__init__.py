"""The language models for stock clients: the dialects of OpenAI and Anthropic, behind the gateway's own keys."""
