"""Edits of a user's file: operations as splices of its text, proved by reading the text again."""
