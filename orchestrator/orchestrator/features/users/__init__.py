"""People of the organisation."""
