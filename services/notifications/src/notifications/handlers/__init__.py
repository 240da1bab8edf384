"""One operation per file: open the unit of work, load, call one domain method, save."""
