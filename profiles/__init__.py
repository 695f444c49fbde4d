"""Reference configs as plain YAML, each with its source and date. `profile:NAME` names a folder of these."""
