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
    "inside a subquery": (
        "SELECT name FROM artists WHERE artist_id IN (SELECT artist_id FROM tracks)",
        "SELECT name FROM artists WHERE artist_id IN (SELECT artist_id FROM tracks)",
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
    "no SQL": "SELECT FROM WHERE",
    "one column alone is no reason to read another table": "SELECT salary FROM artists",
    "no table": "SELECT 1 + 1",
}


@pytest.mark.parametrize("sql", LEFT.values(), ids=LEFT.keys())
def test_left_byte_for_byte(sql: str) -> None:
    mended = mend(sql, TABLES, JOINS)
    assert mended.sql == sql
    assert not mended.notes


def test_every_change_has_a_note_that_names_it() -> None:
    notes = mend("SELECT COUNT(*) FROM albums WHERE country = 'PT'", TABLES, JOINS).notes
    assert [one.code for one in notes] == ["mended_join"]
    assert "artists" in notes[0].message
