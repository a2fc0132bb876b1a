-- name: keep(name, value)!
-- Keeps a small thing under a name.
INSERT INTO kept (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: kept(name)$
-- What is kept under a name.
SELECT value FROM kept WHERE name = :name;
