"""The audit trail as a hash chain that is sealed after the fact, and bundles that anyone can verify offline."""
