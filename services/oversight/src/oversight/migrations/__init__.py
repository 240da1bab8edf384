"""Numbered migrations of oversight's database; HEAD names the last."""
