"""Which files of a snapshot are worth analysing, and why the others are not."""
