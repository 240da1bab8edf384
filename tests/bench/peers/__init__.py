"""What the suite is held against: programs that run in the environment `.venv-bench`, never in ours."""
