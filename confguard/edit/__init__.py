"""Edits of a user's file: splices that are proved by reading the text again, and bytes that are put in place whole or not at all."""
