"""The embedded AWS: ministack in a process of ours, real Lambda runtimes, and an overlay that closes its gaps."""
