"""Does somebody look up whom they should not? Declared conflicts, a reason before the look, and professional standards who read it."""
