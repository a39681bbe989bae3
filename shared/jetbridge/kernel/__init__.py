"""The smallest common language of the domains. Standard library only."""
