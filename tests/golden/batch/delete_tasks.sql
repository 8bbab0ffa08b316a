-- 8 statement(s)
BEGIN;

SELECT
  "tasks"."id", ("tasks"."deleted_at" IS NOT NULL)
FROM
  "tasks"
WHERE
  ("tasks"."id" = ANY($1))
ORDER BY
  "tasks"."id"
FOR NO KEY UPDATE;

SELECT
  "changes"."record_id"
FROM
  "changes"
WHERE
  (("changes"."record_id" = ANY($1)) AND ("changes"."record_type" = $2::record_type));

SELECT
  "tasks"."id"
FROM
  "tasks"
WHERE
  (("tasks"."id" = ANY(
        SELECT
          task_families($1))) AND ("tasks"."deleted_at" IS NULL))
ORDER BY
  "tasks"."id"
FOR NO KEY UPDATE;

SELECT
  "tasks"."id"
FROM
  "tasks"
WHERE
  (("tasks"."id" = ANY($1)) AND (topmost_task("tasks"."id", $2) IS NOT NULL))
ORDER BY
  "tasks"."id";

WITH
written AS (
  UPDATE
    "tasks"
  SET
    "deleted_at" = $1, "trashed_with" = topmost_task("tasks"."id", $2), "updated_at" = $3
  WHERE
    ("tasks"."id" = ANY($4))
  RETURNING
    "tasks"."id"
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
                      json_build_object('Task', row_to_json("l2"))
                    FROM
                      (
                        SELECT
                          "tasks"."id",
                          "tasks"."version",
                          "tasks"."deleted_at",
                          "tasks"."title",
                          "tasks"."status",
                          "tasks"."priority",
                          "tasks"."due_date",
                          "tasks"."due_at",
                          "tasks"."position"
                        FROM
                          "tasks"
                        WHERE
                          ("tasks"."id" = "l1"."id")
                      ) AS "l2"
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
