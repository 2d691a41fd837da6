"""Query + location -> places, from open map data. A library: no database, no campaign."""
