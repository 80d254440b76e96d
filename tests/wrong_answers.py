"""Questions about the sample data and SQL that runs and is wrong, each with the code of what is wrong with it."""

from __future__ import annotations

WRONG: tuple[tuple[str, str, str], ...] = (
    # a value that no cell has
    (
        "missing_value",
        "How many penguins live on Torgerson island?",
        "SELECT COUNT(*) FROM penguins WHERE island = 'Torgerson'",
    ),
    (
        "missing_value",
        "Average mass of gentoo penguins",
        "SELECT AVG(body_mass_g) FROM penguins WHERE species = 'gentoo'",
    ),
    (
        "missing_value",
        "How many cities are there in Germany?",
        "SELECT COUNT(*) FROM cities WHERE country_code = 'Germany'",
    ),
    (
        "missing_value",
        "Which cities are in the United Kingdom?",
        "SELECT city FROM cities WHERE country_code IN ('UK')",
    ),
    (
        "missing_value",
        "How many flights did United have?",
        "SELECT COUNT(*) FROM flights f JOIN airlines a USING (carrier) WHERE a.name = 'United Airlines'",
    ),
    ("missing_value", "Flights to Boston", "SELECT COUNT(*) FROM flights WHERE dest = 'Boston'"),
    (
        "missing_value",
        "How many rainy days were there?",
        "SELECT COUNT(*) FROM seattle_weather WHERE weather = 'rainy'",
    ),
    ("missing_value", "How many planes by Airbus?", "SELECT COUNT(*) FROM planes WHERE manufacturer LIKE 'Airbus%'"),
    (
        "missing_value",
        "Countries of Europe and Oceana",
        "SELECT country FROM countries WHERE continent IN ('Europe', 'Oceana')",
    ),
    (
        "missing_value",
        "How many countries do not use the dollar?",
        "SELECT COUNT(*) FROM countries WHERE currency_name <> 'dollar'",
    ),
    ("missing_value", "Female penguins", "SELECT COUNT(CASE WHEN sex = 'F' THEN 1 END) FROM penguins"),
    ("missing_value", "Planes with six engines", "SELECT tailnum FROM planes WHERE engines = 6"),
    # nothing comes out
    (
        "no_rows",
        "Which Gentoo penguins live on Torgersen?",
        "SELECT * FROM penguins WHERE species = 'Gentoo' AND island = 'Torgersen'",
    ),
    (
        "no_rows",
        "Snow days above 20 degrees",
        "SELECT date FROM seattle_weather WHERE weather = 'snow' AND temp_max > 20",
    ),
    (
        "no_rows",
        "Flights and the cities they go to",
        "SELECT f.flight, c.city FROM flights f JOIN cities c ON f.dest = c.city",
    ),
    (
        "no_rows",
        "Airlines with more than 5000 flights",
        "SELECT carrier, COUNT(*) FROM flights GROUP BY carrier HAVING COUNT(*) > 5000",
    ),
    (
        "no_rows",
        "Penguins that are Adelie and Gentoo",
        "SELECT COUNT(*) FROM penguins WHERE species = 'Adelie' AND species = 'Gentoo'",
    ),
    # rows that a join repeats
    (
        "repeated_rows",
        "What is the total population of the countries that have cities?",
        "SELECT SUM(c.population) FROM countries c JOIN cities t ON t.country_code = c.iso",
    ),
    (
        "repeated_rows",
        "What is the total area of each continent's countries with cities?",
        "SELECT c.continent, SUM(c.area_km2) FROM countries c INNER JOIN cities t ON t.country_code = c.iso"
        " GROUP BY c.continent",
    ),
    (
        "repeated_rows",
        "How many seats do the planes that flew have in total?",
        "SELECT SUM(p.seats) FROM planes p JOIN flights f ON f.tailnum = p.tailnum",
    ),
    (
        "repeated_rows",
        "How many planes flew from JFK?",
        "SELECT COUNT(*) FROM planes p JOIN flights f ON p.tailnum = f.tailnum WHERE f.origin = 'JFK'",
    ),
    (
        "repeated_rows",
        "How many countries have a city of more than 1,000,000 people?",
        "SELECT COUNT(c.iso) FROM countries c JOIN cities t ON t.country_code = c.iso WHERE t.population > 1000000",
    ),
    (
        "repeated_rows",
        "What is the average altitude of the airports with flights to them?",
        "SELECT AVG(p.alt) FROM airports p, flights f WHERE p.faa = f.dest",
    ),
    (
        "repeated_rows",
        "Total distance of flights by weather",
        "SELECT w.weather, SUM(f.distance) FROM flights f JOIN seattle_weather w ON MONTH(f.date) ="
        " MONTH(w.date) GROUP BY w.weather",
    ),
    (
        "unjoined_tables",
        "How many flights did each airline have?",
        "SELECT a.name, COUNT(*) FROM flights f, airlines a GROUP BY a.name",
    ),
    (
        "unjoined_tables",
        "Cities with their country",
        "SELECT t.city, c.country FROM cities t CROSS JOIN countries c WHERE c.continent = 'Europe'",
    ),
    # rows that a join leaves out
    (
        "lost_rows",
        "How many flights went to each destination? Show the airport's name.",
        "SELECT p.name, COUNT(*) FROM flights f JOIN airports p ON f.dest = p.faa GROUP BY p.name",
    ),
    (
        "lost_rows",
        "What are the ten most frequent destinations, with the airport's name?",
        "SELECT p.name, COUNT(*) AS n FROM flights f JOIN airports p ON f.dest = p.faa GROUP BY p.name ORDER"
        " BY n DESC LIMIT 10",
    ),
    (
        "lost_rows",
        "What is the total distance of all flights by type of plane?",
        "SELECT p.type, SUM(f.distance) FROM flights f JOIN planes p USING (tailnum) GROUP BY p.type",
    ),
    (
        "lost_rows",
        "How many flights were there by engine, and how many in all?",
        "SELECT p.engine, COUNT(*) FROM flights f, planes p WHERE f.tailnum = p.tailnum GROUP BY p.engine",
    ),
    (
        "lost_rows",
        "List every flight with its plane's model.",
        "SELECT f.date, f.flight, p.model FROM flights f JOIN planes p ON f.tailnum = p.tailnum",
    ),
    # missing cells
    ("average_without_missing", "What is the average speed of planes?", "SELECT AVG(speed) FROM planes"),
    (
        "average_without_missing",
        "Average speed of planes by manufacturer",
        "SELECT manufacturer, AVG(speed) FROM planes GROUP BY manufacturer",
    ),
    ("missing_as_zero", "What is the average departure delay?", "SELECT SUM(dep_delay) * 1.0 / COUNT(*) FROM flights"),
    (
        "missing_as_zero",
        "Average body mass by species",
        "SELECT species, AVG(COALESCE(body_mass_g, 0)) FROM penguins GROUP BY species",
    ),
    (
        "count_without_missing",
        "How many penguins are there on each island?",
        "SELECT island, COUNT(sex) FROM penguins GROUP BY island",
    ),
    (
        "count_without_missing",
        "How many flights left JFK on each day?",
        "SELECT date, COUNT(air_time) FROM flights WHERE origin = 'JFK' GROUP BY date",
    ),
    (
        "not_in_missing",
        "Which planes did not fly?",
        "SELECT tailnum FROM planes WHERE tailnum NOT IN (SELECT tailnum FROM flights)",
    ),
    (
        "equals_missing",
        "How many flights have no departure time?",
        "SELECT COUNT(*) FROM flights WHERE dep_time = NULL",
    ),
    ("equals_missing", "Penguins whose sex is known", "SELECT COUNT(*) FROM penguins WHERE sex <> NULL"),
    # a tie that LIMIT cuts
    (
        "cut_tie",
        "Which were the five hottest days?",
        "SELECT date, temp_max FROM seattle_weather ORDER BY temp_max DESC LIMIT 5",
    ),
    (
        "cut_tie",
        "Which penguin has the longest flippers?",
        "SELECT species, island, sex, body_mass_g FROM penguins ORDER BY flipper_length_mm DESC NULLS LAST LIMIT 3",
    ),
    (
        "cut_tie",
        "Which two destinations have the fewest flights?",
        "SELECT dest, COUNT(*) AS n FROM flights GROUP BY dest ORDER BY n LIMIT 2",
    ),
    ("cut_tie", "Which two planes have the most seats?", "SELECT tailnum FROM planes ORDER BY seats DESC LIMIT 2"),
    (
        "cut_tie",
        "Which plane flew most often?",
        "SELECT tailnum FROM flights WHERE tailnum IS NOT NULL GROUP BY tailnum ORDER BY COUNT(*) DESC LIMIT 1",
    ),
    # amounts that are none
    ("added_identifier", "What is the sum of the cities?", "SELECT SUM(geonameid) FROM cities"),
    ("added_identifier", "How old are the planes in total?", "SELECT SUM(year) FROM planes"),
    (
        "added_identifier",
        "Average age of planes by manufacturer",
        "SELECT manufacturer, AVG(year) FROM planes GROUP BY manufacturer",
    ),
    (
        "added_identifier",
        "Sum over the penguins by species",
        "SELECT species, SUM(year) AS total FROM penguins GROUP BY species",
    ),
    # days and years outside the data
    (
        "date_outside",
        "How many flights left in August 2013?",
        "SELECT COUNT(*) FROM flights WHERE date >= '2013-08-01' AND date < '2013-09-01'",
    ),
    (
        "date_outside",
        "How much did it rain in 2016?",
        "SELECT SUM(precipitation) FROM seattle_weather WHERE YEAR(date) = 2016",
    ),
    ("date_outside", "Penguins measured in 2010", "SELECT COUNT(*) FROM penguins WHERE year = 2010"),
    (
        "date_outside",
        "Flights in 2014",
        "SELECT COUNT(*) FROM flights WHERE strftime(CAST(date AS TIMESTAMP), '%Y') = '2014'",
    ),
    (
        "date_outside",
        "Rain in the summer of 2011",
        "SELECT SUM(precipitation) FROM seattle_weather WHERE CAST(date AS VARCHAR) LIKE '2011-%'",
    ),
    (
        "date_outside",
        "Hot days of 2020",
        "SELECT COUNT(*) FROM seattle_weather WHERE date BETWEEN '2020-01-01' AND '2020-12-31' AND temp_max > 30",
    ),
    (
        "date_partly",
        "Average delay from June to August 2013",
        "SELECT AVG(dep_delay) FROM flights WHERE date BETWEEN '2013-06-01' AND '2013-08-31'",
    ),
    # parts of the question that the SQL does not mention
    ("unmentioned_number", "How much did it rain in 2014?", "SELECT SUM(precipitation) FROM seattle_weather"),
    (
        "unmentioned_number",
        "How much did it rain in 2014?",
        "SELECT SUM(precipitation) FROM seattle_weather WHERE YEAR(date) = 2013",
    ),
    (
        "unmentioned_number",
        "How many cities have more than 2 million people?",
        "SELECT COUNT(*) FROM cities WHERE population > 200000",
    ),
    ("unmentioned_number", "The ten largest cities", "SELECT city FROM cities ORDER BY population DESC LIMIT 5"),
    ("unmentioned_number", "How warm was it in March on average?", "SELECT AVG(temp_max) FROM seattle_weather"),
    (
        "unmentioned_value",
        "How many Adelie penguins live on Dream?",
        "SELECT COUNT(*) FROM penguins WHERE species = 'Adelie'",
    ),
    ("unmentioned_value", "What is the average mass of female penguins?", "SELECT AVG(body_mass_g) FROM penguins"),
    ("unmentioned_value", "How many flights left from JFK?", "SELECT COUNT(*) FROM flights"),
    ("unmentioned_value", 'How many cities are called "Springfield"?', "SELECT COUNT(*) FROM cities"),
    (
        "unmentioned_aggregate",
        "What is the average arrival delay by carrier?",
        "SELECT carrier, arr_delay FROM flights",
    ),
    (
        "unmentioned_aggregate",
        "What is the total population of Asia?",
        "SELECT population FROM countries WHERE continent = 'Asia'",
    ),
    ("unmentioned_aggregate", "Which airport lies highest?", "SELECT name FROM airports"),
    ("unmentioned_aggregate", "How many flights were late?", "SELECT carrier FROM flights WHERE dep_delay > 0"),
    (
        "unmentioned_denial",
        "Which airports are not in the New York time zone?",
        "SELECT name FROM airports WHERE tzone = 'America/New_York'",
    ),
    ("unmentioned_distinct", "How many different destinations are there?", "SELECT COUNT(dest) FROM flights"),
    ("unmentioned_distinct", "List the different kinds of weather", "SELECT weather FROM seattle_weather"),
    ("unmentioned_group", "What is the average delay for each carrier?", "SELECT AVG(dep_delay) FROM flights"),
    ("wrong_end", "Which country has the largest area?", "SELECT country FROM countries ORDER BY area_km2 LIMIT 1"),
    (
        "wrong_end",
        "Which airline has the lowest average delay?",
        "SELECT carrier, AVG(dep_delay) AS d FROM flights GROUP BY 1 ORDER BY d DESC LIMIT 1",
    ),
    ("unordered_limit", "What are the three largest cities?", "SELECT city, population FROM cities LIMIT 3"),
    # numbers that are none
    (
        "division_by_zero",
        "What is the population density of each country?",
        "SELECT country, population / area_km2 FROM countries",
    ),
    (
        "division_by_zero",
        "How large is each country's area for a person?",
        "SELECT country, area_km2 / population AS per_person FROM countries",
    ),
    (
        "share_over_whole",
        "What percentage of flights were late?",
        "SELECT 100.0 * COUNT(*) / COUNT(*) FILTER (WHERE dep_delay > 0) AS pct FROM flights",
    ),
    (
        "share_over_whole",
        "What share of the population lives in cities, by country?",
        "SELECT c.country, 100.0 * SUM(t.population) / MIN(c.area_km2) AS share FROM countries c JOIN cities"
        " t ON t.country_code = c.iso GROUP BY c.country HAVING MIN(c.area_km2) > 0",
    ),
    # conditions that say something else
    (
        "loose_or",
        "How many Adelie or Gentoo penguins are female?",
        "SELECT COUNT(*) FROM penguins WHERE species = 'Adelie' OR species = 'Gentoo' AND sex = 'female'",
    ),
    (
        "loose_or",
        "Late flights from JFK or LGA",
        "SELECT COUNT(*) FROM flights WHERE origin = 'JFK' OR origin = 'LGA' AND dep_delay > 0",
    ),
)
