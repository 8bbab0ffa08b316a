-- 5 statement(s)
BEGIN;

SELECT
  "tasks"."id"
FROM
  "tasks"
WHERE
  ("tasks"."deleted_at" IS NULL) AND "tasks"."status" = ANY($1::task_status[])
ORDER BY
  "tasks"."id"
LIMIT
  1001
FOR NO KEY UPDATE;

WITH
written AS (
  UPDATE
    "tasks"
  SET
    "scheduled_date" = $1, "updated_at" = $2
  WHERE
    (("tasks"."id" = ANY($3)) AND ("tasks"."deleted_at" IS NULL))
  RETURNING
    "tasks"."id"
),
once AS (
  SELECT
    "written"."id"
  FROM
    "written"
  LIMIT
    $4
),
made AS (
  INSERT INTO
    "tags" ("id", "created_at", "updated_at", "name", "key")
  SELECT
    unnest($5), $6, $7, unnest($8), unnest($9)
  FROM
    "once"
  ON CONFLICT
    ("key")
  WHERE
    ("tags"."deleted_at" IS NULL)
  DO UPDATE SET
    "key" = excluded."key"
  RETURNING
    "tags"."id", "tags"."key"
),
linked_by_name AS (
  INSERT INTO
    "task_tags" ("task_id", "tag_id")
  SELECT
    "written"."id", "made"."id"
  FROM
    ("written" INNER JOIN "made" ON $10)
  ON CONFLICT
  DO NOTHING
)
SELECT
  json_build_object(
    'written',
    (
      SELECT
        count(*)
      FROM
        written
    )
  );

COMMIT;

SELECT
  json_build_object(
    'slots',
    array_to_json(
      ARRAY [ json_build_array(
        2,
        (
          SELECT
            coalesce(
              json_agg(
                CASE
                  "l1"."kind"
                  WHEN 'Task' THEN (
                    SELECT
                      json_build_object('Task', row_to_json(r))
                    FROM
                      (
                        SELECT
                          "tasks"."id",
                          "tasks"."version",
                          "tasks"."title",
                          "tasks"."status",
                          "tasks"."priority",
                          "tasks"."due_date",
                          "tasks"."due_at",
                          "tasks"."scheduled_date",
                          "tasks"."position"
                        FROM
                          "tasks"
                        WHERE
                          ("tasks"."id" = "l1"."id")
                      ) AS "l2",
                      LATERAL (
                        SELECT
                          "l2"."id",
                          "l2"."version",
                          "l2"."title",
                          "l2"."status",
                          "l2"."priority",
                          "l2"."due_date",
                          "l2"."due_at",
                          "l2"."scheduled_date",
                          "l2"."position",
                          array_to_json(
                            ARRAY [ json_build_array(
                              5,
                              (
                                SELECT
                                  coalesce(json_agg(row_to_json("l3")), '[]')
                                FROM
                                  (
                                    SELECT
                                      "tags"."id", "tags"."version", "tags"."name", "tags"."label"
                                    FROM
                                      "tags"
                                    WHERE
                                      (
                                        "tags"."id" IN (
                                          SELECT
                                            "task_tags"."tag_id"
                                          FROM
                                            "task_tags"
                                          WHERE
                                            "task_tags"."task_id" = "l2"."id"
                                        )
                                        AND ("tags"."deleted_at" IS NULL)
                                      )
                                    ORDER BY
                                      "tags"."sort_name", "tags"."id"
                                  ) AS "l3"
                              )
                            ) ] :: json[]
                          ) AS slots
                      ) AS r
                  )
                END
                ORDER BY
                  n
              ),
              '[]'
            )
          FROM
            unnest($1, $2)
          WITH
          ORDINALITY AS "l1"(id, kind, n)
        )
      ) ] :: json[]
    ),
    'mark',
    json_build_array(
      (
        SELECT
          "settings"."feed_id"
        FROM
          "settings"
      ),
      settled_snapshot()
    )
  )
