"""What the stand-ins do when they are called."""
