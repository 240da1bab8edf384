"""What the suite says about itself: structured logs without personal data, traces across services, metrics."""
