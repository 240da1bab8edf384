"""Side-by-side benchmarks: what the suite does beside the least that the same work can cost on the same machine."""
