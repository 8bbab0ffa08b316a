-- 2 statement(s)
WITH
written AS (
  UPDATE
    "tasks"
  SET
    "status" = $1::task_status, "completed_at" = $2, "updated_at" = $3
  WHERE
    (
      (("tasks"."id" = $4) AND ("tasks"."deleted_at" IS NULL))
      AND ("tasks"."status" != $5::task_status)
    )
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
                "tasks"."updated_at",
                "tasks"."title",
                "tasks"."status",
                "tasks"."priority",
                "tasks"."due_date",
                "tasks"."due_at",
                "tasks"."snoozed_until",
                "tasks"."completed_at",
                "tasks"."energy",
                "tasks"."time_estimate",
                "tasks"."position",
                (
                  (
                    "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                    AND ("tasks"."due_date" < $1)
                    AND (("tasks"."due_at" < $2) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $3)))
                  )
                ) IS TRUE AS "v12",
                (
                  (
                    "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                    AND (
                      (("tasks"."due_date" >= $4) AND ("tasks"."due_date" < $5))
                      AND (
                        (
                          ("tasks"."due_at" IS NULL)
                          AND (("tasks"."due_date" >= $6) AND ("tasks"."due_date" < $7))
                        )
                        OR (("tasks"."due_at" >= $8) AND ("tasks"."due_at" < $9))
                      )
                    )
                  )
                ) IS TRUE AS "v13",
                "tasks"."project_id" AS "project_id"
              FROM
                "tasks"
              WHERE
                ("tasks"."id" = $10)
            ) AS "l1",
            LATERAL (
              SELECT
                "l1"."id",
                "l1"."version",
                "l1"."updated_at",
                "l1"."title",
                "l1"."status",
                "l1"."priority",
                "l1"."due_date",
                "l1"."due_at",
                "l1"."snoozed_until",
                "l1"."completed_at",
                "l1"."energy",
                "l1"."time_estimate",
                "l1"."position",
                array_to_json(
                  ARRAY [ json_build_array(12, "l1"."v12"),
                  json_build_array(13, "l1"."v13"),
                  json_build_array(
                    19,
                    (
                      SELECT
                        row_to_json("l2")
                      FROM
                        (
                          SELECT
                            "projects"."id",
                            "projects"."version",
                            "projects"."title",
                            "projects"."status",
                            "projects"."color"
                          FROM
                            "projects"
                          WHERE
                            ("projects"."id" = "l1"."project_id" AND ("projects"."deleted_at" IS NULL))
                        ) AS "l2"
                    )
                  ),
                  json_build_array(
                    23,
                    (
                      SELECT
                        coalesce(json_agg(row_to_json("l2")), '[]')
                      FROM
                        (
                          SELECT
                            "tags"."id",
                            "tags"."version",
                            "tags"."name",
                            "tags"."prefix",
                            "tags"."label",
                            "tags"."color"
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
                                  "task_tags"."task_id" = "l1"."id"
                              )
                              AND ("tags"."deleted_at" IS NULL)
                            )
                          ORDER BY
                            "tags"."sort_name", "tags"."id"
                        ) AS "l2"
                    )
                  ),
                  json_build_array(
                    29,
                    (
                      SELECT
                        json_build_object(
                          'total',
                          COUNT(*),
                          'done',
                          count("tasks"."status") FILTER (
                            WHERE
                              ("tasks"."status" IN ('done')) IS TRUE)
                        )
                      FROM
                        "tasks"
                      WHERE
                        ("tasks"."parent_id" = "l1"."id" AND ("tasks"."deleted_at" IS NULL))
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
          ("tasks"."id" = $11)
      )
    )
  )
