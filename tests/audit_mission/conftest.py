"""Nothing here is a test: the trainer is text that an audit reads, and that nobody runs."""

collect_ignore_glob = ["*"]
