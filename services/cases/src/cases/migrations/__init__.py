"""The migrations of this service, numbered; HEAD names the last one, so that two with one number collide in git."""
