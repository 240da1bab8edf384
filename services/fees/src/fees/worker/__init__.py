"""What the worker of the fees service does: follows cases, and lets days pass."""
