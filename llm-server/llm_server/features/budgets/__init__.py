"""Who may spend how much, and ask how fast."""
