"""Hand-written fakes of the ports, one module per service. No mock library."""
