-- name: keep(name, value)!
-- Keeps a small thing under a name.
INSERT INTO kept (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: kept(name)$
-- What is kept under a name.
SELECT value FROM kept WHERE name = :name;

-- name: kept_under(first, beyond)
-- What is kept under names from one up to another.
SELECT name, value FROM kept WHERE name >= :first AND name < :beyond;
