"""What CI jobs upload: coverage and test results, joined to the code."""
