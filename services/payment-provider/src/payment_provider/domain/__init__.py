"""What the stand-ins do by themselves, without AWS."""
