"""Does the code read what the config says? The config is followed through Python code that is parsed, never imported or run."""
