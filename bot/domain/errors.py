"""What went wrong, as a key and values that the text catalogues turn into a sentence."""


class Problem(Exception):
    """Something the member can put right. `key` names the sentence, `values` fill its gaps."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values
