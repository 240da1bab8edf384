"""One operation per file: load, call the domain, save, tell. The caller opens the unit of work."""
