"""Database edge: connections, migrations, the unit of work and the tables of the mechanism."""
