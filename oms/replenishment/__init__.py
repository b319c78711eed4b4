"""Replenishment as pure functions: what each stock point lacks, what others can spare, the cheapest moves between."""
