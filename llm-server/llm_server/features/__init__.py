"""What llm-server offers."""
