"""What oversight hears from the other services, and what it does by the clock."""
