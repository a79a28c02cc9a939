"""Documentation rendered from facts."""
