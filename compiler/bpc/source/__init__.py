"""YAML text to data with positions; hostile input is refused with a located finding."""
