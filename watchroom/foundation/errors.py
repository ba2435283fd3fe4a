"""What a domain action says when it may not be done."""


class Refused(Exception):
    """The act is not possible as things stand. `problems` are sentences for the person who tried (status 409)."""

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class Invalid(Refused):
    """What was given is not usable. `fields` names the field of each problem (status 422)."""

    def __init__(self, **fields: str) -> None:
        super().__init__(*fields.values())
        self.fields = fields
