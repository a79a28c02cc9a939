"""The answerer that needs no model: it reads the sources in the prompt and quotes what fits."""
