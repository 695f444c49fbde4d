"""A change against the state it is made to: what it breaks, what it mends, and what it lets pass."""
