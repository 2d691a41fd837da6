"""The gazetteer: countries, regions and populated places; a filter becomes a list of locations."""
