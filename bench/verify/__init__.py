"""The verifier against others, on the same name and mail servers of a network of their own."""
