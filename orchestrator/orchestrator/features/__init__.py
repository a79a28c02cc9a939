"""What the orchestrator offers, one folder a noun."""
