"""Where oversight touches databases and ciphers."""
