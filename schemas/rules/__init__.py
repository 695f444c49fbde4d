"""The rules, a module a topic. To add one, write it in its topic's module; nothing else needs to know."""
