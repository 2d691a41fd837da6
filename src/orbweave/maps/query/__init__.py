"""How a query is read: its words, their other forms, the place in it, and what they mean together. Pure."""
