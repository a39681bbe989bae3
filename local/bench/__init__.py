"""`make bench`: figures as ratios to a baseline of the same run, since machines differ and are noisy."""
