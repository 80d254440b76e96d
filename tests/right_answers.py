"""Questions about the sample data and SQL that answers them rightly: no check may find anything in these."""

from __future__ import annotations

RIGHT: tuple[tuple[str, str], ...] = (
    # flights
    (
        "Which airline has the highest average departure delay? Show the airline's name.",
        "SELECT a.name, AVG(f.dep_delay) AS mean_delay FROM flights f JOIN airlines a ON f.carrier = a.carrier"
        " GROUP BY a.name ORDER BY mean_delay DESC LIMIT 1",
    ),
    (
        "How many flights left on each date?",
        "SELECT date, COUNT(*) AS flights FROM flights GROUP BY date ORDER BY date",
    ),
    (
        "What are the ten most frequent destinations, with the airport's name?",
        "SELECT f.dest, p.name, COUNT(*) AS n FROM flights f LEFT JOIN airports p ON f.dest = p.faa"
        " GROUP BY f.dest, p.name ORDER BY n DESC LIMIT 10",
    ),
    ("How many flights are there?", "SELECT COUNT(*) FROM flights"),
    ("How many flights were there in July 2013?", "SELECT COUNT(*) AS n FROM flights"),
    (
        "What was the average arrival delay of flights from JFK?",
        "SELECT AVG(arr_delay) FROM flights WHERE origin = 'JFK'",
    ),
    (
        "How many flights did United Air Lines operate?",
        "SELECT COUNT(*) FROM flights WHERE carrier = (SELECT carrier FROM airlines WHERE name = 'United Air"
        " Lines Inc.')",
    ),
    (
        "How many flights did Delta operate from LaGuardia?",
        "SELECT COUNT(*) FROM flights f JOIN airlines a USING (carrier) WHERE a.name LIKE 'Delta%' AND"
        " f.origin = 'LGA'",
    ),
    (
        "List the number of flights per airline, most first.",
        "SELECT a.name, COUNT(*) AS n FROM flights AS f INNER JOIN airlines AS a ON a.carrier = f.carrier"
        " GROUP BY 1 ORDER BY 2 DESC",
    ),
    ("How many different planes were used?", "SELECT COUNT(DISTINCT tailnum) FROM flights"),
    (
        "What share of flights left more than 15 minutes late?",
        "SELECT 100.0 * COUNT(*) FILTER (WHERE dep_delay > 15) / COUNT(*) AS percent_late FROM flights",
    ),
    (
        "How many flights were cancelled, that is have no departure time?",
        "SELECT COUNT(*) FROM flights WHERE dep_time IS NULL",
    ),
    (
        "What is the longest flight by distance?",
        "SELECT origin, dest, distance FROM flights WHERE distance = (SELECT MAX(distance) FROM flights) LIMIT 1",
    ),
    ("What is the total distance flown on 4 July 2013?", "SELECT SUM(distance) FROM flights WHERE date = '2013-07-04'"),
    (
        "Which day had the most flights?",
        "SELECT date, COUNT(*) AS n FROM flights GROUP BY date HAVING COUNT(*) ="
        " (SELECT MAX(c) FROM (SELECT COUNT(*) AS c FROM flights GROUP BY date))",
    ),
    (
        "Flights between 2 and 5 July 2013 by origin",
        "SELECT origin, COUNT(*) AS n FROM flights WHERE date BETWEEN '2013-07-02' AND '2013-07-05' GROUP BY origin",
    ),
    (
        "What is the average number of seats of Boeing planes?",
        "SELECT AVG(seats) FROM planes WHERE manufacturer = 'BOEING'",
    ),
    ("How many planes were built before 1990?", "SELECT COUNT(*) FROM planes WHERE year < 1990"),
    ("What is the oldest plane?", "SELECT tailnum, year FROM planes WHERE year IS NOT NULL ORDER BY year LIMIT 1"),
    ("In how many different years were the planes built?", "SELECT COUNT(DISTINCT year) FROM planes"),
    ("How many planes did each manufacturer build?", "SELECT manufacturer, COUNT(*) FROM planes GROUP BY manufacturer"),
    (
        "Which airports do flights from Newark go to that flights from JFK do not?",
        "SELECT DISTINCT dest FROM flights WHERE origin = 'EWR' EXCEPT SELECT dest FROM flights WHERE origin = 'JFK'",
    ),
    (
        "Which planes did not fly at all in this week?",
        "SELECT tailnum FROM planes WHERE tailnum NOT IN (SELECT tailnum FROM flights WHERE tailnum IS NOT NULL)",
    ),
    (
        "What was the average speed of flights in miles per hour?",
        "SELECT AVG(distance / (air_time / 60.0)) AS mph FROM flights WHERE air_time > 0",
    ),
    (
        "How many flights of each airline were delayed by more than 2 hours?",
        "SELECT carrier, COUNT(*) AS n FROM flights WHERE dep_delay > 120 GROUP BY carrier ORDER BY n DESC",
    ),
    (
        "Median departure delay for each origin airport",
        "SELECT p.name, MEDIAN(f.dep_delay) AS median_delay FROM flights f JOIN airports p ON p.faa ="
        " f.origin GROUP BY p.name",
    ),
    (
        "How many flights used planes by Airbus?",
        "SELECT COUNT(*) FROM flights f JOIN planes p ON f.tailnum = p.tailnum WHERE p.manufacturer LIKE 'AIRBUS%'",
    ),
    (
        "Which airports lie above 5000 feet?",
        "SELECT name, alt FROM airports WHERE alt > 5000 ORDER BY alt DESC",
    ),
    (
        "Show all airports in the New York time zone.",
        "SELECT name FROM airports WHERE tzone = 'America/New_York' ORDER BY name",
    ),
    (
        "What percentage of each airline's flights left on time or early?",
        "SELECT carrier, ROUND(100.0 * SUM(CASE WHEN dep_delay <= 0 THEN 1 ELSE 0 END) / COUNT(dep_delay), 1) AS pct"
        " FROM flights GROUP BY carrier ORDER BY pct DESC",
    ),
    (
        "What is the name of the airline with code B6?",
        "SELECT name FROM airlines WHERE carrier = 'B6'",
    ),
    (
        "How many flights leave after 22:00?",
        "SELECT COUNT(*) FROM flights WHERE sched_dep_time >= 2200",
    ),
    (
        "Running total of flights by date",
        "SELECT date, SUM(COUNT(*)) OVER (ORDER BY date) AS running FROM flights GROUP BY date ORDER BY date",
    ),
    (
        "For each airline show its longest distance",
        "SELECT a.name, MAX(f.distance) AS longest FROM airlines a JOIN flights f ON f.carrier = a.carrier"
        " GROUP BY a.name",
    ),
    (
        "Show the most used plane of each airline.",
        "SELECT carrier, tailnum, n FROM (SELECT carrier, tailnum, COUNT(*) AS n, RANK() OVER (PARTITION BY carrier"
        " ORDER BY COUNT(*) DESC) AS place FROM flights WHERE tailnum IS NOT NULL GROUP BY carrier, tailnum)"
        " WHERE place = 1",
    ),
    # flights, as they come over the bridge
    (
        "How many flights were there on July 4th, 2013?",
        "SELECT COUNT(*) FROM flights WHERE CAST(date AS VARCHAR) LIKE '2013-07-04%'",
    ),
    (
        "How many flights left in 2013?",
        "SELECT COUNT(*) FROM flights WHERE strftime(CAST(date AS TIMESTAMP), '%Y') = '2013'",
    ),
    ("Flights to ORD", "SELECT date, carrier, flight FROM flights WHERE LOWER(dest) = LOWER('ord')"),
    (
        "How many flights did American Airlines have?",
        "SELECT COUNT(*) FROM flights AS T1 INNER JOIN airlines AS T2 ON T1.carrier = T2.carrier"
        " WHERE T2.name ILIKE 'american airlines inc.'",
    ),
    # world
    (
        "Which ten countries have the most cities?",
        "SELECT c.country, COUNT(*) AS cities FROM cities t JOIN countries c ON t.country_code = c.iso"
        " GROUP BY c.country ORDER BY cities DESC LIMIT 10",
    ),
    (
        "What is the total population of each continent?",
        "SELECT continent, SUM(population) AS population FROM countries GROUP BY continent ORDER BY population DESC",
    ),
    (
        "Which city is the largest in each country of South America?",
        "SELECT country, city, population FROM (SELECT c.country, t.city, t.population, ROW_NUMBER() OVER (PARTITION BY"
        " c.iso ORDER BY t.population DESC) AS place FROM cities t JOIN countries c ON c.iso = t.country_code"
        " WHERE c.continent = 'South America') WHERE place = 1",
    ),
    ("What is the capital of Kenya?", "SELECT capital FROM countries WHERE country = 'Kenya'"),
    ("How many countries use the euro?", "SELECT COUNT(*) FROM countries WHERE currency_code = 'EUR'"),
    (
        "List the countries of Europe by area.",
        "SELECT country, area_km2 FROM countries WHERE continent = 'Europe' ORDER BY area_km2 DESC",
    ),
    (
        "What is the population density of Egypt?",
        "SELECT population / area_km2 AS per_km2 FROM countries WHERE country = 'Egypt'",
    ),
    (
        "Which country is the most densely populated?",
        "SELECT country, population / area_km2 AS density FROM countries WHERE area_km2 > 0 ORDER BY density"
        " DESC LIMIT 1",
    ),
    (
        "How many cities in Germany have more than 500,000 people?",
        "SELECT COUNT(*) FROM cities WHERE country_code = 'DE' AND population > 500000",
    ),
    (
        "How many cities in Japan have more than 1 million people?",
        "SELECT COUNT(*) FROM cities WHERE country_code = (SELECT iso FROM countries WHERE country ="
        " 'Japan') AND population > 1000000",
    ),
    (
        "Which countries have no city of at least 100,000 people?",
        "SELECT country FROM countries WHERE iso NOT IN (SELECT country_code FROM cities) ORDER BY country",
    ),
    (
        "How many cities does each African country have, including those without any?",
        "SELECT c.country, COUNT(t.geonameid) AS cities FROM countries c LEFT JOIN cities t ON t.country_code = c.iso"
        " WHERE c.continent = 'Africa' GROUP BY c.country ORDER BY cities DESC",
    ),
    (
        "What share of the world's people lives in Asia?",
        "SELECT 100.0 * SUM(population) FILTER (WHERE continent = 'Asia') / SUM(population) AS percent FROM countries",
    ),
    (
        "Average area of countries by continent",
        "SELECT continent, AVG(area_km2) AS mean_area FROM countries GROUP BY continent",
    ),
    ("The five largest countries by area", "SELECT country, area_km2 FROM countries ORDER BY area_km2 DESC LIMIT 5"),
    ("How many continents are there?", "SELECT COUNT(DISTINCT continent) FROM countries"),
    (
        "Which countries have more than 100 cities?",
        "SELECT c.country, COUNT(*) AS n FROM countries c JOIN cities t ON t.country_code = c.iso GROUP BY c.country"
        " HAVING COUNT(*) > 100 ORDER BY n DESC",
    ),
    ("List cities called San Jose.", "SELECT city, country_code FROM cities WHERE city = 'San Jose'"),
    (
        "Which cities north of 60 degrees have more than 200,000 people?",
        "SELECT city, latitude FROM cities WHERE latitude > 60 AND population > 200000 ORDER BY latitude DESC",
    ),
    (
        "Which currencies are used in more than five countries?",
        "SELECT currency_name, COUNT(*) AS n FROM countries GROUP BY currency_name HAVING COUNT(*) > 5 ORDER BY n DESC",
    ),
    ("ما هو إجمالي عدد سكان آسيا؟", "SELECT SUM(population) FROM countries WHERE continent = 'Asia'"),
    ("كم عدد الدول في أفريقيا؟", "SELECT COUNT(*) FROM countries WHERE continent = 'Africa'"),
    (
        "What is the average city population in France?",
        "SELECT AVG(t.population) FROM cities t JOIN countries c ON c.iso = t.country_code WHERE c.country = 'France'",
    ),
    (
        "Which countries have a capital with more than 5 million people?",
        "SELECT c.country, c.capital, t.population FROM countries c JOIN cities t ON t.city = c.capital AND"
        " t.country_code = c.iso WHERE t.population > 5000000 ORDER BY t.population DESC",
    ),
    # penguins
    (
        "What is the average body mass of each species?",
        "SELECT species, AVG(body_mass_g) AS mean_mass FROM penguins GROUP BY species",
    ),
    (
        "How many penguins of each species live on each island?",
        "SELECT species, island, COUNT(*) AS n FROM penguins GROUP BY species, island ORDER BY species, island",
    ),
    (
        "How does flipper length relate to body mass?",
        "SELECT flipper_length_mm, body_mass_g FROM penguins WHERE body_mass_g IS NOT NULL",
    ),
    ("How many female penguins are there?", "SELECT COUNT(*) FROM penguins WHERE sex = 'female'"),
    (
        "What is the average bill length of male Gentoo penguins?",
        "SELECT AVG(bill_length_mm) FROM penguins WHERE species = 'Gentoo' AND sex = 'male'",
    ),
    (
        "How many penguins were measured in each year?",
        "SELECT year, COUNT(*) FROM penguins GROUP BY year ORDER BY year",
    ),
    ("Which islands have Adelie penguins?", "SELECT DISTINCT island FROM penguins WHERE species = 'Adelie'"),
    (
        "What is the heaviest penguin in kilograms?",
        "SELECT MAX(body_mass_g) / 1000.0 AS kg FROM penguins",
    ),
    (
        "How many penguins weigh more than 5 kg?",
        "SELECT COUNT(*) FROM penguins WHERE body_mass_g > 5000",
    ),
    (
        "What percentage of penguins are Chinstrap?",
        "SELECT 100.0 * SUM(CASE WHEN species = 'Chinstrap' THEN 1 ELSE 0 END) / COUNT(*) AS pct FROM penguins",
    ),
    (
        "Compare the average flipper length in 2007 and 2009",
        "SELECT year, AVG(flipper_length_mm) FROM penguins WHERE year IN (2007, 2009) GROUP BY year",
    ),
    ("How many penguins have no recorded sex?", "SELECT COUNT(*) FROM penguins WHERE sex IS NULL"),
    ("Penguins that are not Adelie", "SELECT species, island, year FROM penguins WHERE species <> 'Adelie'"),
    # weather
    (
        "How much precipitation fell in each month of 2014?",
        "SELECT MONTH(date) AS month, SUM(precipitation) AS mm FROM seattle_weather WHERE YEAR(date) = 2014"
        " GROUP BY month ORDER BY month",
    ),
    (
        "How many days of each kind of weather were there in each year?",
        "SELECT YEAR(date) AS year, weather, COUNT(*) AS days FROM seattle_weather GROUP BY 1, 2 ORDER BY 1, 2",
    ),
    ("Which was the hottest day?", "SELECT date, temp_max FROM seattle_weather ORDER BY temp_max DESC LIMIT 1"),
    (
        "What was the average wind in Seattle in 2015?",
        "SELECT AVG(wind) FROM seattle_weather WHERE date >= '2015-01-01' AND date < '2016-01-01'",
    ),
    ("On how many days did it snow?", "SELECT COUNT(*) FROM seattle_weather WHERE weather = 'snow'"),
    (
        "What was the coldest night of January 2013?",
        "SELECT date, temp_min FROM seattle_weather WHERE date BETWEEN DATE '2013-01-01' AND DATE '2013-01-31'"
        " ORDER BY temp_min LIMIT 1",
    ),
    (
        "How much did it rain on average in November?",
        "SELECT AVG(precipitation) FROM seattle_weather WHERE EXTRACT(month FROM date) = 11",
    ),
    (
        "Which months are warmest on average?",
        "SELECT monthname(date) AS month, AVG(temp_max) AS warm FROM seattle_weather GROUP BY month ORDER BY warm DESC",
    ),
    (
        "How many days were warmer than 30 degrees in 2012?",
        "SELECT COUNT(*) FROM seattle_weather WHERE temp_max > 30 AND date_part('year', date) = 2012",
    ),
    (
        "Yearly rain compared with the year before",
        "WITH y AS (SELECT YEAR(date) AS year, SUM(precipitation) AS mm FROM seattle_weather GROUP BY 1)"
        " SELECT year, mm, mm - LAG(mm) OVER (ORDER BY year) AS change FROM y ORDER BY year",
    ),
    (
        "What is the difference between the highest and the lowest temperature ever?",
        "SELECT MAX(temp_max) - MIN(temp_min) AS span FROM seattle_weather",
    ),
)
