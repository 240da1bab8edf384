"""What the law lets a department do with a case: records, rules and the aggregate. No database, no HTTP, no clock."""
