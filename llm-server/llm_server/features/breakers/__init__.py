"""Which models are being left alone."""
