"""Stock per product and location: loaded from files, held for orders, sold or given back."""
