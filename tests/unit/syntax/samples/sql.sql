-- Boxes.
CREATE TABLE shop.boxes (
  id INT PRIMARY KEY,
  "name" TEXT NOT NULL,
  shelf_id INT REFERENCES shelves (id)
);

CREATE VIEW heavy AS SELECT b.id, count(*) FROM boxes AS b JOIN items ON items.box_id = b.id;

CREATE FUNCTION total(box INT) RETURNS INT AS $$ SELECT sum(weight) FROM items; $$ LANGUAGE sql;

SELECT * FROM heavy WHERE id > 3;
