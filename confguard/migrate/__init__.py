"""What it takes to bring a config to its goal: a plan of edits, each with its reason, and what follows from them."""
