"""The service's edges to what lies outside: tables, files, documents, data files. Only the unit of work commits."""
