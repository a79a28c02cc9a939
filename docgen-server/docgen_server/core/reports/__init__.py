"""What CI jobs report: which lines tests run, and how tests ended."""
