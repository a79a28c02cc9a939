"""Words that people wrote about code, and the code that they speak of."""
