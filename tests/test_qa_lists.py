from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text import Article
from qa.lists import items

CUT = {
    "two": ("Juris Ozers and Liga Briede", 2, ["Juris Ozers", "Liga Briede"]),
    "three": ("the pool, St. Bride's hall and the school", 3, ["the pool", "St. Bride's hall", "the school"]),
    "an Oxford comma": ("a fan, a pump, and a sieve", 3, ["a fan", "a pump", "a sieve"]),
    "as many as there are": ("seals, turtles and birds", None, ["seals", "turtles", "birds"]),
    "or": ("to retry the case or to ask the court", 2, ["to retry the case", "to ask the court"]),
    "remarks between commas": (
        "a free lid, which will ship soon, and a refund of the price",
        2,
        ["a free lid, which will ship soon", "a refund of the price"],
    ),
    "semicolons": ("salt and oil; bread; wine and figs", 3, ["salt and oil", "bread", "wine and figs"]),
    "words that introduce": ("both Isla and also Rhona", 2, ["Isla", "Rhona"]),
    "numbers with commas": ("1,100 bottles and 2,000 corks", 2, ["1,100 bottles", "2,000 corks"]),
    "what is quoted stays whole": ("“love and war” and “peace”", 2, ["“love and war”", "“peace”"]),
    "a hyphen between two names": ("China-Russia", 2, ["China", "Russia"]),
    "names that begin like a pronoun": ("France, Italy and Spain", None, ["France", "Italy", "Spain"]),
    "cities that begin like one": ("Leeds, Sheffield, Hull", 3, ["Leeds", "Sheffield", "Hull"]),
    "years": ("1958, 1962, 1970 and 2002", None, ["1958", "1962", "1970", "2002"]),
    "days of a year": ("May 4, 2020, and 5 June, 2021", 2, ["May 4, 2020", "5 June, 2021"]),
    "ages": ("Ada Holm, 46, and John Marsh, 51", None, ["Ada Holm, 46", "John Marsh, 51"]),
    "years of films": ("Jaws, 1975, Alien, 1979, and Tron, 1982", 3, ["Jaws, 1975", "Alien, 1979", "Tron, 1982"]),
    "a name like a month": (
        "Anna Mayer, who led the study, and Tom Brown",
        None,
        ["Anna Mayer, who led the study", "Tom Brown"],
    ),
    "a name with and at the end": (
        "the Treasury, the Navy, and the Ministry of Trade and Industry",
        3,
        ["the Treasury", "the Navy", "the Ministry of Trade and Industry"],
    ),
    "an ampersand for and": ("red, white & blue", 3, ["red", "white", "blue"]),
    "names with and": (
        "the Ministry of Trade and Industry, the Treasury and the Navy",
        3,
        ["the Ministry of Trade and Industry", "the Treasury", "the Navy"],
    ),
    "a firm of two": ("Marks & Spencer and Tesco", 2, ["Marks & Spencer", "Tesco"]),
    "two firms": ("Marks & Spencer", 2, ["Marks", "Spencer"]),
    "too few": ("Juris Ozers", 2, []),
    "too many": ("salt, oil and figs", 2, ["salt, oil", "figs"]),
    "no joint": ("the three brothers", 3, []),
    "a hyphen within a word": ("well-known", 2, []),
}


@pytest.mark.parametrize(("text", "wanted", "expected"), CUT.values(), ids=CUT)
def test_an_enumeration_falls_into_the_items_that_are_asked_for(text, wanted, expected):
    article = Article(f"It was {text}.")
    found = items(article.span(7, 7 + len(text)), wanted)
    assert [item.text for item in found] == expected


@given(st.lists(st.sampled_from(["salt", ", ", " and ", "; ", "“", "”", "(", ")", " or ", ",", " ", "1,000"])))
def test_items_stand_in_the_enumeration_in_order_and_never_overlap(parts):
    span = Article("Here: " + "".join(parts)).span(6)
    found = items(span, None)
    assert all(span.holds(item) and item.text.strip() for item in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
