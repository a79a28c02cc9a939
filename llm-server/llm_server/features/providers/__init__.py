"""Models and roles, as administrators declare them."""
