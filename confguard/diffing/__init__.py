"""What differs between a reference and a current config, key by key."""
