"""Messages in, tokens out: one door to every language model, and an answerer that needs none."""
