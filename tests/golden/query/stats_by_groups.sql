-- 1 statement(s)
SELECT
  array_to_json(
    ARRAY [ json_build_array(
      0,
      json_build_object(
        'groups',
        (
          SELECT
            coalesce(
              json_agg(
                json_build_object(
                  'project',
                  "l1"."project",
                  'tag',
                  "l1"."tag",
                  'measures',
                  "l1"."measures",
                  'slots',
                  array_to_json(
                    ARRAY [ json_build_array(
                      2,
                      (
                        SELECT
                          row_to_json(r)
                        FROM
                          (
                            SELECT
                              "projects"."id", "projects"."version", "projects"."title", "projects"."status"
                            FROM
                              "projects"
                            WHERE
                              ("projects"."id" = "l1"."project")
                          ) AS "l2",
                          LATERAL (
                            SELECT
                              "l2"."id",
                              "l2"."version",
                              "l2"."title",
                              "l2"."status",
                              array_to_json(
                                ARRAY [ json_build_array(
                                  5,
                                  (
                                    SELECT
                                      json_build_object(
                                        'take',
                                        $1::bigint,
                                        'backward',
                                        $2::boolean,
                                        'rows',
                                        coalesce(json_agg(row_to_json("l3")), '[]')
                                      )
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
                                          "tasks"."position"
                                        FROM
                                          "tasks"
                                        WHERE
                                          ("tasks"."project_id" = "l2"."id" AND ("tasks"."deleted_at" IS NULL))
                                        ORDER BY
                                          "tasks"."position", "tasks"."id"
                                        LIMIT
                                          2
                                      ) AS "l3"
                                  )
                                ) ] :: json[]
                              ) AS slots
                          ) AS r
                      )
                    ),
                    json_build_array(
                      8,
                      (
                        SELECT
                          row_to_json("l2")
                        FROM
                          (
                            SELECT
                              "tags"."id", "tags"."version", "tags"."name", "tags"."label"
                            FROM
                              "tags"
                            WHERE
                              ("tags"."id" = "l1"."tag")
                          ) AS "l2"
                      )
                    ) ] :: json[]
                  )
                )
              ),
              '[]'
            )
          FROM
            (
              SELECT
                tasks.k1 AS "project",
                tasks.k2 AS "tag",
                json_build_object(
                  'count',
                  coalesce(sum(n), 0),
                  'open',
                  coalesce(sum(n) FILTER (
                      WHERE
                        "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')), 0)
                ) AS "measures"
              FROM
                (
                  SELECT
                    "tasks"."status" AS "status",
                    "tasks"."priority" AS "priority",
                    "projects"."id" AS "k1",
                    "projects"."sort_title" AS "o1",
                    "tags"."id" AS "k2",
                    "tags"."sort_name" AS "o2",
                    count(*) AS n
                  FROM
                    (
                      (
                        "tasks"
                        LEFT JOIN "projects" ON (("tasks"."project_id" = "projects"."id") AND ("projects"."deleted_at" IS NULL))
                      )
                      LEFT JOIN (
                        "task_tags"
                        INNER JOIN "tags" ON (("tags"."id" = "task_tags"."tag_id") AND ("tags"."deleted_at" IS NULL))
                      ) ON ("task_tags"."task_id" = "tasks"."id")
                    )
                  WHERE
                    ("tasks"."deleted_at" IS NULL)
                  GROUP BY
                    1, 2, 3, 4, 5, 6
                ) AS "tasks"
              GROUP BY
                1, 2
              ORDER BY
                min(tasks.o1), 1, min(tasks.o2), 2
              LIMIT
                10001
            ) AS "l1"
        )
      )
    ),
    json_build_array(
      13,
      json_build_object(
        'total',
        (
          SELECT
            json_build_object(
              'earliest_due',
              (
                SELECT
                  min(coalesce(local_day("tasks"."due_at", $3), "tasks"."due_date"))
                FROM
                  "tasks"
                WHERE
                  (
                    ("tasks"."deleted_at" IS NULL)
                    AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                  )
              ),
              'latest_due',
              (
                SELECT
                  max(coalesce(local_day("tasks"."due_at", $4), "tasks"."due_date"))
                FROM
                  "tasks"
                WHERE
                  (
                    ("tasks"."deleted_at" IS NULL)
                    AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                  )
              )
            )
          FROM
            (
              SELECT) AS one
        ),
        'groups',
        (
          SELECT
            coalesce(
              json_agg(
                json_build_object(
                  'due_date',
                  "l1"."due_date",
                  'priority',
                  "l1"."priority",
                  'measures',
                  "l1"."measures",
                  'slots',
                  array_to_json(ARRAY[]::json[])
                )
              ),
              '[]'
            )
          FROM
            (
              SELECT
                first_of_week(coalesce(local_day("tasks"."due_at", $5), "tasks"."due_date"), $6) AS "due_date",
                "tasks"."priority" AS "priority",
                json_build_object(
                  'count',
                  COUNT(*),
                  'earliest_due',
                  min(coalesce(local_day("tasks"."due_at", $7), "tasks"."due_date"))
                ) AS "measures"
              FROM
                "tasks"
              WHERE
                (
                  ("tasks"."deleted_at" IS NULL)
                  AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                )
              GROUP BY
                1, 2
              ORDER BY
                1, 2
              LIMIT
                10001
            ) AS "l1"
        )
      )
    ),
    json_build_array(
      23,
      json_build_object(
        'groups',
        (
          SELECT
            coalesce(
              json_agg(
                json_build_object(
                  'due_date',
                  "l1"."due_date",
                  'completed_date',
                  "l1"."completed_date",
                  'measures',
                  "l1"."measures",
                  'slots',
                  array_to_json(
                    ARRAY [ json_build_array(
                      27,
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
                              ("projects"."id" = NULL)
                          ) AS "l2"
                      )
                    ) ] :: json[]
                  )
                )
              ),
              '[]'
            )
          FROM
            (
              SELECT
                first_of_month(coalesce(local_day("tasks"."due_at", $8), "tasks"."due_date")) AS "due_date",
                first_of_week(local_day("tasks"."completed_at", $9), $10) AS "completed_date",
                json_build_object(
                  'done',
                  count("tasks"."status") FILTER (
                    WHERE
                      ("tasks"."status" IN ('done')) IS TRUE),
                  'done_today',
                  count("tasks"."status") FILTER (
                    WHERE
                      (
                        (
                          "tasks"."status" IN ('done')
                          AND (("tasks"."completed_at" >= $11) AND ("tasks"."completed_at" < $12))
                        )
                      ) IS TRUE
                  )
                ) AS "measures"
              FROM
                "tasks"
              WHERE
                ("tasks"."deleted_at" IS NULL)
              GROUP BY
                1, 2
              ORDER BY
                1, 2
              LIMIT
                10001
            ) AS "l1"
        )
      )
    ) ] :: json[]
  )
