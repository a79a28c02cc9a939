"""Pure translations between chat completions, our inner language, and what others speak."""
