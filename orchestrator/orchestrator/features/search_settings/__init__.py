"""How search is tuned, and the evaluation that guards it."""
