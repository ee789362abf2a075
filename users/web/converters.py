from users.enums import TokenPurpose


class TokenPurposeConverter:
    """Part of an address; anything else answers 404."""

    regex = "|".join(TokenPurpose.values)

    def to_python(self, value: str) -> TokenPurpose:
        return TokenPurpose(value)

    def to_url(self, value: str) -> str:
        return str(TokenPurpose(value).value)
