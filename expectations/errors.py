"""Why the gate cannot judge a batch. Raised inside this folder only: outside it is a verdict that blocks."""


class CannotJudgeError(Exception):
    """The batch cannot be judged as it was handed over. `code` is one that `advice` knows, `column` the name concerned."""

    def __init__(self, code: str, column: str = "") -> None:
        super().__init__(code, column)
        self.code = code
        self.column = column
