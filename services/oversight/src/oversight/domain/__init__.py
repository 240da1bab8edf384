"""What oversight decides, as pure functions and aggregates: no database, no network, no clock of its own."""
