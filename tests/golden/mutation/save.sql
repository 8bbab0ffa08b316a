-- 2 statement(s)
WITH
written AS (
  UPDATE
    "tasks"
  SET
    "status" = $1::task_status,
    "due_date" = $2,
    "due_at" = $3,
    "updated_at" = $4,
    "completed_at" = CASE
      WHEN (("tasks"."status" = $5::task_status)) THEN ("tasks"."completed_at")
      ELSE ($6)
    END
  WHERE
    (("tasks"."id" = $7) AND ("tasks"."deleted_at" IS NULL))
  RETURNING
    "tasks"."id"
),
unlinked AS (
  DELETE FROM
    "task_tags"
  WHERE
    (
      (
        "task_tags"."task_id" = ANY(
          SELECT
            "written"."id"
          FROM
            "written"
        )
      )
      AND ("task_tags"."tag_id" = ANY($8))
    )
),
once AS (
  SELECT
    "written"."id"
  FROM
    "written"
  LIMIT
    $9
),
made AS (
  INSERT INTO
    "tags" ("id", "created_at", "updated_at", "name", "key")
  SELECT
    unnest($10), $11, $12, unnest($13), unnest($14)
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
    ("written" INNER JOIN "made" ON $15)
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
                ) IS TRUE AS "v15",
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
                ) IS TRUE AS "v16",
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
                  ARRAY [ json_build_array(15, "l1"."v15"),
                  json_build_array(16, "l1"."v16"),
                  json_build_array(
                    22,
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
                    26,
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
                    32,
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
