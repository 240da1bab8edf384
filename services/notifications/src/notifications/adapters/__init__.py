"""The edges: tables, repositories, sealing, mail, webhooks, data files."""
