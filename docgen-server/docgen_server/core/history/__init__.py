"""What git knows of how code came to be: how often files change, by whom, and when a line was last touched."""
