"""What `make check` finds that no other tool does."""
