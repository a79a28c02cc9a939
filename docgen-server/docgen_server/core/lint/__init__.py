"""Other people's checkers, where they are better than ours: run apart, with a fixed selection of rules."""
