"""Returns at the counter: what comes back, what is found, what is given for it."""
