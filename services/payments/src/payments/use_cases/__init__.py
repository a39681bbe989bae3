"""What is done with payments, and how they are compared with the provider's books."""
