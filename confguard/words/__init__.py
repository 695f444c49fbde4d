"""The words everything else is said in: findings, rules, shapes, recipes.

Plain data and the few pure functions that belong to it. This package imports nothing of confguard but itself.
"""
