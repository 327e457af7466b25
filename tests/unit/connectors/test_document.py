from connectors.document import PATH, document


def test_the_table_of_connectors_is_that_of_their_capabilities() -> None:
    assert PATH.read_text(encoding="utf-8") == document(), "run: python -m connectors.document"
