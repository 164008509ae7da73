"""Attributes that forms of several features give their fields."""

# Of a box for what is no prose: names, addresses, patterns.
PLAIN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
