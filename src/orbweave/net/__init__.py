"""The one way out: resolver, allowed networks, connect-to, TLS roots and User-Agent for everything that connects."""
