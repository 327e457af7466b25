"""What several vendors speak: signature schemes, formats. Knows no vendor."""
