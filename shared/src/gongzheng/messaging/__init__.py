"""Events between services: outbox, relay, topology, inbox, lanes."""
