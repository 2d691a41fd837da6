"""Website -> contacts with evidence: robots.txt, fetch, extract. A library: no database, no campaign."""
