"""The commands of ``gongzheng``, a module per subject; each module lists its commands in ``COMMANDS``."""
