"""The pictures of docs/screens, of a made-up host: ``script/screens``."""
