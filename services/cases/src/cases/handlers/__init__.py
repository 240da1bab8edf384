"""The operations, one per file: open the unit of work, load, take one act, save."""
