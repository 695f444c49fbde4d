"""confguard: checks, compares and restores the YAML configs of LLM training runs before a GPU is touched."""

__version__ = "0.1.0"
