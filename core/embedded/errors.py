"""What can go wrong with the embedded servers, in words for the person who starts them."""


class EmbeddedServerError(RuntimeError):
    """An embedded server cannot be started; the message says why and what to do."""
