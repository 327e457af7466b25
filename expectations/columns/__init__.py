"""What the rules look at: facts about each row that one expectation on one column can judge. No verdicts here."""
