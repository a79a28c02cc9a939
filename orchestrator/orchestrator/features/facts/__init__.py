"""What is known of a repository's code: its graph, symbols, problems, packages, history, coverage and tests."""
