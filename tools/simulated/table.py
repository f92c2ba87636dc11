WITHOUT_EFFECT: dict[tuple[str, str], str] = {}
