"""The embedded AWS: ministack in a process of ours, real Lambda runtimes, an overlay for its gaps."""
