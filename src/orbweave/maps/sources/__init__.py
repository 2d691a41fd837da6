"""Where places come from, one module per source."""
