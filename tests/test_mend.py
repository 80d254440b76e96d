"""SQL whose names mean nothing as they stand, mended by what the tables leave no doubt about."""

from __future__ import annotations

import pytest

from lib.asking.mend import mend
from lib.data.table import Column, Join, Table


def _table(name: str, *columns: str) -> Table:
    return Table(name, f"{name}.csv", tuple(Column(one, "VARCHAR", one) for one in columns), 1, 1)


TABLES = (
    _table("artists", "artist_id", "name", "country"),
    _table("albums", "album_id", "artist_id", "title", "year"),
    _table("tracks", "track_id", "album_id", "length", "Track Title"),
    _table("shops", "shop_id", "city"),
    _table("stock", "album_id", "shop_id", "copies"),
    _table("staff", "shop_id", "surname", "salary"),
)
JOINS = (
    Join("albums", "artist_id", "artists", "artist_id"),
    Join("tracks", "album_id", "albums", "album_id"),
    Join("stock", "album_id", "albums", "album_id"),
    Join("stock", "shop_id", "shops", "shop_id"),
    Join("staff", "shop_id", "shops", "shop_id"),
)

CASES = {
    "a column of the query's other table": (
        "SELECT T1.title, T1.name FROM albums AS T1 JOIN artists AS T2 ON T1.artist_id = T2.artist_id",
        "SELECT T1.title, T2.name FROM albums AS T1 JOIN artists AS T2 ON T1.artist_id = T2.artist_id",
    ),
    "a join that the key implies": (
        "SELECT COUNT(*) FROM albums WHERE country = 'PT'",
        "SELECT COUNT(*) FROM albums INNER JOIN artists ON albums.artist_id = artists.artist_id "
        "WHERE artists.country = 'PT'",
    ),
    "a join two keys away": (
        "SELECT T1.length, T1.country FROM tracks AS T1",
        "SELECT T1.length, T3.country FROM tracks AS T1 INNER JOIN albums AS T2 ON T1.album_id = T2.album_id "
        "INNER JOIN artists AS T3 ON T2.artist_id = T3.artist_id",
    ),
    "names that were clear stay clear after a join": (
        "SELECT artist_id, title FROM albums WHERE country = 'PT'",
        "SELECT albums.artist_id, title FROM albums INNER JOIN artists ON albums.artist_id = artists.artist_id "
        "WHERE artists.country = 'PT'",
    ),
    "a table that is named but not joined": (
        "SELECT artists.name FROM albums",
        "SELECT artists.name FROM albums INNER JOIN artists ON albums.artist_id = artists.artist_id",
    ),
    "a table called by its name though it has an alias": (
        "SELECT albums.title FROM albums AS a",
        "SELECT a.title FROM albums AS a",
    ),
    "an ON that names no column": (
        "SELECT T2.city FROM albums AS T1 JOIN shops AS T2 ON T1.shop_id = T2.shop_id",
        "SELECT T2.city FROM albums AS T1 INNER JOIN stock AS T3 ON T1.album_id = T3.album_id "
        "JOIN shops AS T2 ON T3.shop_id = T2.shop_id",
    ),
    "letters without their underscore": ("SELECT trackid FROM tracks", "SELECT track_id FROM tracks"),
    "a blank for an underscore": ("SELECT Track_Title FROM tracks", 'SELECT "Track Title" FROM tracks'),
    "one letter off": ("SELECT surnane FROM staff", "SELECT surname FROM staff"),
    "a table in the singular": ("SELECT title FROM album", "SELECT title FROM albums"),
    "a table in the singular that qualifies": ("SELECT album.title FROM album", "SELECT albums.title FROM albums"),
    "the wrong table": ("SELECT surname, salary FROM artists", "SELECT surname, salary FROM staff"),
    "a column compared with itself": (
        "SELECT name FROM artists WHERE artist_id IN (SELECT artist_id FROM tracks)",
        "SELECT name FROM artists WHERE artist_id IN (SELECT artists.artist_id FROM tracks "
        "INNER JOIN albums ON tracks.album_id = albums.album_id "
        "INNER JOIN artists ON albums.artist_id = artists.artist_id)",
    ),
    "on each side of a UNION": (
        "SELECT titel FROM albums UNION SELECT cty FROM shops",
        "SELECT title FROM albums UNION SELECT cty FROM shops",
    ),
    "inside a CTE": (
        "WITH a AS (SELECT titel FROM albums) SELECT * FROM a",
        "WITH a AS (SELECT title FROM albums) SELECT * FROM a",
    ),
}


@pytest.mark.parametrize(("sql", "expected"), CASES.values(), ids=CASES.keys())
def test_mended(sql: str, expected: str) -> None:
    mended = mend(sql, TABLES, JOINS)
    assert mended.sql == expected
    assert bool(mended.notes) == (sql != expected)


LEFT = {
    "everything means something": "select  a.title\nfrom albums a -- mine",
    "a text in double quotes": 'SELECT title FROM albums WHERE title = "Blue"',
    "an outer column": "SELECT name FROM artists a WHERE EXISTS (SELECT 1 FROM albums WHERE artist_id = a.artist_id)",
    "an alias in ORDER BY": "SELECT COUNT(*) AS n FROM albums GROUP BY year ORDER BY n",
    "a CTE's column": "WITH x AS (SELECT title AS t FROM albums) SELECT t FROM x",
    "a name that no table has": "SELECT price FROM albums",
    "a text in double quotes that is almost a column": 'SELECT title FROM albums WHERE title = "Album-ID"',
    "SQLite's own row number": "SELECT rowid FROM albums ORDER BY rowid",
    "a join in brackets": "SELECT a.title, r.name FROM albums a JOIN (artists r JOIN staff s ON s.surname = r.name) "
    "ON r.artist_id = a.artist_id",
    "a correlated CTE": "SELECT title FROM albums WHERE EXISTS (WITH z AS (SELECT artist_id FROM artists "
    "WHERE artists.artist_id = albums.artist_id) SELECT 1 FROM z)",
    "columns that an alias renames": "SELECT t.name FROM albums AS t(id, name, n, y)",
    "too deep to walk through": "SELECT title FROM albums WHERE " + " OR ".join(f"year = {n}" for n in range(3000)),
    "no SQL": "SELECT FROM WHERE",
    "one column alone is no reason to read another table": "SELECT salary FROM artists",
    "no table": "SELECT 1 + 1",
}


@pytest.mark.parametrize("sql", LEFT.values(), ids=LEFT.keys())
def test_left_byte_for_byte(sql: str) -> None:
    mended = mend(sql, TABLES, JOINS)
    assert mended.sql == sql
    assert not mended.notes


UNNEEDED = {
    "rows repeated for nothing": (
        "Which albums are from 1970?",
        "SELECT T1.title FROM albums AS T1 JOIN tracks AS T2 ON T1.album_id = T2.album_id WHERE T1.year = 1970",
        "SELECT T1.title FROM albums AS T1 WHERE T1.year = 1970",
    ),
    "only its key is named": (
        "Which titles have the number 7?",
        "SELECT T1.title FROM albums AS T1 JOIN tracks AS T2 ON T1.album_id = T2.album_id WHERE T2.album_id = 7",
        "SELECT T1.title FROM albums AS T1 WHERE T1.album_id = 7",
    ),
    "a sum over repeated rows": (
        "What is the total salary?",
        "SELECT SUM(T1.salary) FROM staff AS T1 JOIN stock AS T2 ON T1.shop_id = T2.shop_id",
        "SELECT SUM(T1.salary) FROM staff AS T1",
    ),
    "a chain of left joins": (
        "Which albums have tracks?",
        "SELECT a.title FROM albums AS a LEFT JOIN stock AS s ON a.album_id = s.album_id "
        "LEFT JOIN shops AS h ON s.shop_id = h.shop_id",
        "SELECT a.title FROM albums AS a",
    ),
}


@pytest.mark.parametrize(("question", "sql", "expected"), UNNEEDED.values(), ids=UNNEEDED.keys())
def test_a_join_that_gives_nothing_and_was_not_asked_for_is_left_out(question: str, sql: str, expected: str) -> None:
    assert mend(sql, TABLES, JOINS, question=question).sql == expected


NEEDED = {
    "it filters, in words of its own": (
        "Which artists published something?",
        "SELECT DISTINCT T1.name FROM artists AS T1 JOIN albums AS T2 ON T1.artist_id = T2.artist_id",
    ),
    "the question is in another language": (
        "ما أسماء الفنانين الذين لديهم ألبومات؟",
        "SELECT DISTINCT T1.name FROM artists AS T1 JOIN albums AS T2 ON T1.artist_id = T2.artist_id",
    ),
    "rows are counted further out": (
        "How many artists?",
        "WITH x AS (SELECT r.name FROM artists AS r LEFT JOIN albums AS a ON r.artist_id = a.artist_id) "
        "SELECT name, COUNT(*) FROM x GROUP BY name",
    ),
    "rows are counted by a sum": (
        "How many artists?",
        "SELECT r.name, SUM(1) FROM artists AS r LEFT JOIN albums AS a ON r.artist_id = a.artist_id GROUP BY r.name",
    ),
    "one side of EXCEPT": (
        "Which artists?",
        "SELECT name FROM artists EXCEPT SELECT r.name FROM artists AS r JOIN albums AS a ON r.artist_id = a.artist_id",
    ),
    "the question speaks of it": (
        "Which artists have albums?",
        "SELECT T1.name FROM artists AS T1 JOIN albums AS T2 ON T1.artist_id = T2.artist_id",
    ),
    "in another form of the word": (
        "Who is stocked at all?",
        "SELECT T1.title FROM albums AS T1 JOIN stock AS T2 ON T1.album_id = T2.album_id",
    ),
    "rows are counted": (
        "How many per title?",
        "SELECT T1.title, COUNT(*) FROM albums AS T1 JOIN tracks AS T2 ON T1.album_id = T2.album_id GROUP BY T1.title",
    ),
    "another column of it is used": (
        "Which titles are long?",
        "SELECT T1.title FROM albums AS T1 JOIN tracks AS T2 ON T1.album_id = T2.album_id WHERE T2.length > 9",
    ),
    "it leads to a table that is used": (
        "Which titles are in Porto?",
        "SELECT T1.title FROM albums AS T1 JOIN stock AS T2 ON T1.album_id = T2.album_id "
        "JOIN shops AS T3 ON T2.shop_id = T3.shop_id WHERE T3.city = 'Porto'",
    ),
    "a subquery uses it": (
        "Which titles?",
        "SELECT T1.title FROM albums AS T1 JOIN tracks AS T2 ON T1.album_id = T2.album_id "
        "WHERE EXISTS (SELECT 1 FROM stock WHERE stock.copies > T2.length)",
    ),
    "everything is shown": ("What is there?", "SELECT * FROM albums AS a JOIN stock AS s ON a.album_id = s.album_id"),
}


@pytest.mark.parametrize(("question", "sql"), NEEDED.values(), ids=NEEDED.keys())
def test_a_join_that_means_something_stays(question: str, sql: str) -> None:
    assert mend(sql, TABLES, JOINS, question=question).sql == sql


AS_ASKED = {
    "a column that sorts": (
        "List the titles in descending order of year.",
        "SELECT title, year FROM albums ORDER BY year DESC",
        "SELECT title FROM albums ORDER BY year DESC",
    ),
    "a column of the first row": (
        "What is the title of the album with the latest year?",
        "SELECT T1.title, T1.year FROM albums AS T1 ORDER BY T1.year DESC LIMIT 1",
        "SELECT T1.title FROM albums AS T1 ORDER BY T1.year DESC LIMIT 1",
    ),
    "a count that sorts under its alias": (
        "Show the most common country of the artists.",
        "SELECT country, COUNT(*) AS n FROM artists GROUP BY country ORDER BY n DESC LIMIT 1",
        "SELECT country FROM artists GROUP BY country ORDER BY COUNT(*) DESC LIMIT 1",
    ),
    "a name by some of its words": (
        "What is the title of each track?",
        "SELECT T1.Track_Name_Title FROM tracks AS T1",
        'SELECT T1."Track Title" FROM tracks AS T1',
    ),
    "both values, of one row": (
        "Which cities have both the copies 1 and 2?",
        "SELECT T2.city FROM stock AS T1 JOIN shops AS T2 ON T1.shop_id = T2.shop_id "
        "WHERE T1.copies = 1 AND T1.copies = 2",
        "SELECT DISTINCT T2.city FROM stock AS T1 JOIN shops AS T2 ON T1.shop_id = T2.shop_id WHERE T1.copies = 1 "
        "AND T2.shop_id IN (SELECT T2.shop_id FROM stock AS T1 JOIN shops AS T2 ON T1.shop_id = T2.shop_id "
        "WHERE T1.copies = 2)",
    ),
    "both values, of a row joined with itself": (
        "Which titles came out both in 1970 and in 1980?",
        "SELECT a.title FROM albums AS a JOIN albums AS b ON a.album_id = b.album_id "
        "WHERE a.year = 1970 AND b.year = 1980",
        "SELECT a.title FROM albums AS a WHERE a.year = 1970 INTERSECT "
        "SELECT a.title FROM albums AS a WHERE a.year = 1980",
    ),
    "without a partner of a kind": (
        "Which artists have no album called 'Sol'?",
        "SELECT r.name FROM artists AS r LEFT JOIN albums AS a ON r.artist_id = a.artist_id WHERE a.title <> 'Sol'",
        "SELECT r.name FROM artists AS r WHERE NOT EXISTS(SELECT 1 FROM albums AS a "
        "WHERE r.artist_id = a.artist_id AND a.title = 'Sol')",
    ),
}


@pytest.mark.parametrize(("question", "sql", "expected"), AS_ASKED.values(), ids=AS_ASKED.keys())
def test_a_query_says_what_was_asked(question: str, sql: str, expected: str) -> None:
    mended = mend(sql, TABLES, JOINS, question=question)
    assert mended.sql == expected
    assert mended.notes


ASKED_FOR = {
    "the sorting column is named apart": (
        "List the titles and years, sorted by year.",
        "SELECT title, year FROM albums ORDER BY year",
    ),
    "its figure is asked for": (
        "Which album has the latest year and how late is it?",
        "SELECT title, year FROM albums ORDER BY year DESC LIMIT 1",
    ),
    "a count is asked for": (
        "How many artists are there of each country, ordered by that number?",
        "SELECT country, COUNT(*) FROM artists GROUP BY country ORDER BY COUNT(*)",
    ),
    "nothing is said of an order": ("Show the titles.", "SELECT title, year FROM albums ORDER BY year"),
    "another language": (
        "Quel titre a la plus grande année ?",
        "SELECT title, year FROM albums ORDER BY year DESC LIMIT 1",
    ),
    "it is the only column": ("Which is the latest year?", "SELECT year FROM albums ORDER BY year DESC LIMIT 1"),
    "rows that differ only in it": (
        "List the titles sorted by year.",
        "SELECT DISTINCT title, year FROM albums ORDER BY year",
    ),
    "by position": ("List the titles sorted by year.", "SELECT title, year FROM albums ORDER BY 2"),
    "one value or the other": (
        "Which titles came out in 1970 or 1980, both counted?",
        "SELECT title FROM albums WHERE year = 1970 AND year = 1980",
    ),
    "two values in two rows": (
        "Which shops have both the copies 1 and 2?",
        "SELECT a.shop_id FROM stock AS a JOIN stock AS b ON a.shop_id = b.shop_id WHERE a.copies = 1 AND b.copies = 2",
    ),
    "another value is wanted": (
        "Which artists have an album called other than 'Sol'?",
        "SELECT r.name FROM artists AS r LEFT JOIN albums AS a ON r.artist_id = a.artist_id WHERE a.title <> 'Sol'",
    ),
    "the figure of a ranking": (
        "Top 5 countries by artists",
        "SELECT country, COUNT(*) AS n FROM artists GROUP BY country ORDER BY n DESC LIMIT 5",
    ),
    "the figure of a ranking that is described": (
        "What are the 5 countries with the most artists?",
        "SELECT country, COUNT(*) AS n FROM artists GROUP BY country ORDER BY n DESC LIMIT 5",
    ),
    "the axis of time": (
        "List the salary totals in chronological order.",
        "SELECT year, SUM(copies) AS salary FROM albums JOIN stock ON albums.album_id = stock.album_id "
        "GROUP BY year ORDER BY year",
    ),
    "asked for in other words": (
        "What is the title of the album with the latest year and when it came out?",
        "SELECT title, year FROM albums ORDER BY year DESC LIMIT 1",
    ),
    "asked for by its alias": (
        "Which country with the most artists, and the headcount?",
        "SELECT country, COUNT(*) AS headcount FROM artists GROUP BY country ORDER BY headcount DESC LIMIT 1",
    ),
    "the highest of each": (
        "List each title with the highest copies.",
        "SELECT title, MAX(copies) AS m FROM albums JOIN stock ON albums.album_id = stock.album_id GROUP BY title "
        "ORDER BY m DESC LIMIT 1",
    ),
    "orders by something are things": (
        "Show the titles and their orders by year.",
        "SELECT title, year FROM albums ORDER BY year",
    ),
    "GROUP BY ALL": (
        "The country of the artists with the most tracks",
        "SELECT country, COUNT(*) FROM artists GROUP BY ALL ORDER BY COUNT(*) DESC LIMIT 1",
    ),
    "the compared column is shown": (
        "Which cities have both the copies 1 and 2?",
        "SELECT T2.city, T1.copies FROM stock AS T1 JOIN shops AS T2 ON T1.shop_id = T2.shop_id "
        "WHERE T1.copies = 1 AND T1.copies = 2",
    ),
    "three values": (
        "Which cities have both the copies 1 and 2 and 3?",
        "SELECT T2.city FROM stock AS T1 JOIN shops AS T2 ON T1.shop_id = T2.shop_id "
        "WHERE T1.copies = 1 AND T1.copies = 2 AND T1.copies = 3",
    ),
    "what the partner is not": (
        "Which artists have albums that are not called 'Sol'?",
        "SELECT r.name FROM artists AS r LEFT JOIN albums AS a ON r.artist_id = a.artist_id WHERE a.title <> 'Sol'",
    ),
    "partners are counted": (
        "How many albums has each artist without those called 'Sol'?",
        "SELECT r.name, COUNT(*) FROM artists AS r LEFT JOIN albums AS a ON r.artist_id = a.artist_id "
        "WHERE a.title <> 'Sol' GROUP BY r.name",
    ),
    "the partner is the only one": (
        "Which albums have no artist from Spain?",
        "SELECT a.title FROM albums AS a LEFT JOIN artists AS r ON a.artist_id = r.artist_id WHERE r.country <> 'ES'",
    ),
    "a field of a struct": (
        "What is the track title?",
        "SELECT track_id.title FROM tracks",
    ),
    "the key could be either table's": (
        "Which shops have no copies of album 7?",
        "SELECT s.city FROM shops AS s LEFT JOIN stock AS c ON s.shop_id = shop_id WHERE c.album_id <> 7",
    ),
    "the partner is shown": (
        "Which albums that are not called 'Sol' has each artist?",
        "SELECT r.name, a.year FROM artists AS r LEFT JOIN albums AS a ON r.artist_id = a.artist_id "
        "WHERE a.title <> 'Sol'",
    ),
}


@pytest.mark.parametrize(("question", "sql"), ASKED_FOR.values(), ids=ASKED_FOR.keys())
def test_a_query_that_says_what_was_asked_stays(question: str, sql: str) -> None:
    assert mend(sql, TABLES, JOINS, question=question).sql == sql


def test_a_subquery_does_not_take_its_column_from_a_table_that_was_joined_around_it() -> None:
    sql = "SELECT title FROM albums WHERE name = (SELECT MIN(name) FROM albums)"
    assert mend(sql, TABLES, JOINS).sql == (
        "SELECT title FROM albums INNER JOIN artists ON albums.artist_id = artists.artist_id WHERE artists.name = "
        "(SELECT MIN(artists.name) FROM albums INNER JOIN artists ON albums.artist_id = artists.artist_id)"
    )


def test_every_change_has_a_note_that_names_it() -> None:
    notes = mend("SELECT COUNT(*) FROM albums WHERE country = 'PT'", TABLES, JOINS).notes
    assert [one.code for one in notes] == ["mended_join"]
    assert "artists" in notes[0].message
