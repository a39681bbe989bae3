"""What every Jetbridge service shares, delivered as a Lambda layer: kernel, contracts, runtime."""
