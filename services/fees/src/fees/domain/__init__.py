"""What the law and the books say about money that is owed: pure, without clock, database or network."""
