"""Who may do what in fees (claims in the access token)."""

ACCOUNTANT = ("fees.accountant",)
READERS = ("fees.accountant", "fees.reconciler", "fees.refund_approver", "auditor")
