"""A stand-in for the card processor, for sandboxes and tests: the shape of Stripe, with faults on demand."""
