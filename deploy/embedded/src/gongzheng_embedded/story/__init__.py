"""The story: one case goes all the way through four services, over their public API only.

The same script is the demonstration of the home page and the end-to-end test of both modes. Every step can be taken
again: creating calls carry keys that are fixed for the run, other calls look at what is there first. So any process may
be killed at any moment, and the story goes on when it is back.
"""
