-- 2 statement(s)
WITH
written AS (
  UPDATE
    "tasks"
  SET
    "snoozed_until" = $1, "updated_at" = $2
  WHERE
    (("tasks"."id" = $3) AND ("tasks"."deleted_at" IS NULL))
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

SELECT
  json_build_object(
    'slots',
    array_to_json(
      ARRAY [ json_build_array(
        1,
        (
          SELECT
            row_to_json("l1")
          FROM
            (
              SELECT
                "tasks"."id",
                "tasks"."version",
                "tasks"."updated_at",
                "tasks"."title",
                "tasks"."status",
                "tasks"."priority",
                "tasks"."due_date",
                "tasks"."due_at",
                "tasks"."snoozed_until",
                "tasks"."position"
              FROM
                "tasks"
              WHERE
                ("tasks"."id" = $1)
            ) AS "l1"
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
    ),
    'seen',
    json_build_object(
      'trashed',
      (
        SELECT
          ("tasks"."deleted_at" IS NOT NULL)
        FROM
          "tasks"
        WHERE
          ("tasks"."id" = $2)
      )
    )
  )
