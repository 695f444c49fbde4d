"""What became of keys from release to release: one table a library, and for TRL one a topic. To add a row, write it into its table."""
