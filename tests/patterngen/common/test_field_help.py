from patterngen.common.field_help import field_docs


class Base:
    a: int = 1
    """Words
    on two lines."""
    b: int = 2


class Derived(Base):
    c: int = 3
    """Own words."""


def test_field_docs_are_the_strings_below_fields_also_inherited_ones():
    assert field_docs(Derived) == {"a": "Words on two lines.", "c": "Own words."}
