"""What was used, by whom, of which model, over time."""
