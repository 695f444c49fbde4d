"""What is not in the code: the calls of libraries and of Python itself that are known, by topic."""
