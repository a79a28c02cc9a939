"""Language models: who they are, what they cost, what they may cost, and what they are told."""
