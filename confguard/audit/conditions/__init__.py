"""Conditions: what they read, and whether the keys and the types of the configs decide them.

The values of a config never decide: a branch that today's value does not take is code that reads. Whether a key is there, and whether it
is a section, does decide; and a name that came out of a loop over a section's keys is that name.
"""
