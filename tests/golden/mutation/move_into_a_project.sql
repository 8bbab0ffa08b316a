-- 2 statement(s)
WITH
written AS (
  UPDATE
    "tasks"
  SET
    "position" = place_in($1, $2, $3, $4, $5, $6), "project_id" = $7, "updated_at" = $8
  WHERE
    (("tasks"."id" = $9) AND ("tasks"."deleted_at" IS NULL))
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
            row_to_json(r)
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
                "tasks"."position",
                "tasks"."project_id" AS "project_id"
              FROM
                "tasks"
              WHERE
                ("tasks"."id" = $1)
            ) AS "l1",
            LATERAL (
              SELECT
                "l1"."id",
                "l1"."version",
                "l1"."title",
                "l1"."status",
                "l1"."priority",
                "l1"."due_date",
                "l1"."due_at",
                "l1"."position",
                array_to_json(
                  ARRAY [ json_build_array(
                    6,
                    (
                      SELECT
                        row_to_json("l2")
                      FROM
                        (
                          SELECT
                            "projects"."id", "projects"."version", "projects"."title", "projects"."status"
                          FROM
                            "projects"
                          WHERE
                            ("projects"."id" = "l1"."project_id" AND ("projects"."deleted_at" IS NULL))
                        ) AS "l2"
                    )
                  ) ] :: json[]
                ) AS slots
            ) AS r
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
