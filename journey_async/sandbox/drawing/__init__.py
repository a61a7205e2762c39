"""From scenes to the bytes of their pictures."""
