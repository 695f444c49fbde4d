"""The whole report on a config: what changed and why, what it comes to, what holds, what to do next."""
