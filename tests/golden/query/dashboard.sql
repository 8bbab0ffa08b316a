-- 1 statement(s)
SELECT
  array_to_json(
    ARRAY [ json_build_array(
      27,
      json_build_object(
        'total',
        (
          SELECT
            json_build_object(
              'open',
              count("tasks"."id") FILTER (
                WHERE
                  ("tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')) IS TRUE),
              'overdue',
              count("tasks"."id") FILTER (
                WHERE
                  (
                    (
                      "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                      AND (("tasks"."due_at" < $1) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $2)))
                    )
                  ) IS TRUE
              ),
              'due_today',
              count("tasks"."id") FILTER (
                WHERE
                  (
                    (
                      "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                      AND (
                        (
                          ("tasks"."due_at" IS NULL)
                          AND (("tasks"."due_date" >= $3) AND ("tasks"."due_date" < $4))
                        )
                        OR (("tasks"."due_at" >= $5) AND ("tasks"."due_at" < $6))
                      )
                    )
                  ) IS TRUE
              ),
              'done_today',
              count("tasks"."id") FILTER (
                WHERE
                  (
                    (
                      "tasks"."status" IN ('done')
                      AND (("tasks"."completed_at" >= $7) AND ("tasks"."completed_at" < $8))
                    )
                  ) IS TRUE
              ),
              'blocked',
              count("tasks"."id") FILTER (
                WHERE
                  ("tasks"."status" IN ('blocked')) IS TRUE),
              'open_urgent',
              count("tasks"."id") FILTER (
                WHERE
                  (
                    (
                      "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                      AND "tasks"."priority" IN ('urgent')
                    )
                  ) IS TRUE
              )
            )
          FROM
            "tasks"
          WHERE
            ("tasks"."deleted_at" IS NULL)
        ),
        'groups',
        (
          SELECT
            coalesce(
              json_agg(
                json_build_object(
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
                "tasks"."priority" AS "priority",
                json_build_object(
                  'open',
                  count("tasks"."id") FILTER (
                    WHERE
                      ("tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')) IS TRUE)
                ) AS "measures"
              FROM
                "tasks"
              WHERE
                ("tasks"."deleted_at" IS NULL)
              GROUP BY
                1
              ORDER BY
                1
              LIMIT
                10001
            ) AS "l1"
        )
      )
    ),
    json_build_array(
      39,
      json_build_object(
        'take',
        $9::bigint,
        'backward',
        $10::boolean,
        'total',
        (
          SELECT
            count(*)
          FROM
            "tasks"
          WHERE
            (
              ("tasks"."deleted_at" IS NULL)
              AND (
                ("tasks"."deleted_at" IS NULL)
                AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $11))
                AND (
                  ((("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $12)) OR ("tasks"."due_at" < $13))
                  OR (("tasks"."due_date" IS NULL) AND "tasks"."priority" IN ('urgent'))
                )
              )
            )
        ),
        'rows',
        (
          SELECT
            coalesce(
              json_agg(
                (
                  SELECT
                    row_to_json(r)
                  FROM
                    (
                      SELECT
                        "l1"."id",
                        "l1"."version",
                        "l1"."created_at",
                        "l1"."updated_at",
                        "l1"."deleted_at",
                        "l1"."title",
                        "l1"."status",
                        "l1"."priority",
                        "l1"."due_date",
                        "l1"."due_at",
                        "l1"."scheduled_date",
                        "l1"."snoozed_until",
                        "l1"."completed_at",
                        "l1"."energy",
                        "l1"."time_estimate",
                        "l1"."source",
                        "l1"."position",
                        array_to_json(
                          ARRAY [ json_build_array(7, "l1"."v7"),
                          json_build_array(8, "l1"."v8"),
                          json_build_array(
                            14,
                            (
                              SELECT
                                row_to_json("l2")
                              FROM
                                (
                                  SELECT
                                    "projects"."id",
                                    "projects"."version",
                                    "projects"."created_at",
                                    "projects"."updated_at",
                                    "projects"."deleted_at",
                                    "projects"."title",
                                    "projects"."status",
                                    "projects"."color",
                                    "projects"."icon"
                                  FROM
                                    "projects"
                                  WHERE
                                    ("projects"."id" = "l1"."project_id" AND ("projects"."deleted_at" IS NULL))
                                ) AS "l2"
                            )
                          ),
                          json_build_array(
                            18,
                            (
                              SELECT
                                coalesce(json_agg(row_to_json("l2")), '[]')
                              FROM
                                (
                                  SELECT
                                    "tags"."id",
                                    "tags"."version",
                                    "tags"."created_at",
                                    "tags"."updated_at",
                                    "tags"."deleted_at",
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
                                    sort_key("tags"."name"), "tags"."id"
                                ) AS "l2"
                            )
                          ),
                          json_build_array(
                            24,
                            (
                              SELECT
                                row_to_json(m)
                              FROM
                                (
                                  SELECT
                                    COUNT(*),
                                    count("tasks"."id") FILTER (
                                      WHERE
                                        ("tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')) IS TRUE),
                                    count("tasks"."id") FILTER (
                                      WHERE
                                        ("tasks"."status" IN ('done')) IS TRUE),
                                    count("tasks"."id") FILTER (
                                      WHERE
                                        (
                                          (
                                            "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                                            AND (("tasks"."due_at" < $14) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $15)))
                                          )
                                        ) IS TRUE
                                    )
                                  FROM
                                    "tasks"
                                  WHERE
                                    ("tasks"."parent_id" = "l1"."id" AND ("tasks"."deleted_at" IS NULL))
                                ) AS m("total", "open", "done", "overdue")
                            )
                          ) ] :: json[]
                        ) AS "slots"
                    ) AS r
                )
              ),
              '[]'
            )
          FROM
            (
              SELECT
                "tasks"."id",
                "tasks"."version",
                "tasks"."created_at",
                "tasks"."updated_at",
                "tasks"."deleted_at",
                "tasks"."title",
                "tasks"."status",
                "tasks"."priority",
                "tasks"."due_date",
                "tasks"."due_at",
                "tasks"."scheduled_date",
                "tasks"."snoozed_until",
                "tasks"."completed_at",
                "tasks"."energy",
                "tasks"."time_estimate",
                "tasks"."source",
                "tasks"."position",
                (
                  (
                    "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                    AND (("tasks"."due_at" < $16) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $17)))
                  )
                ) IS TRUE AS "v7",
                (
                  (
                    "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                    AND (
                      (
                        ("tasks"."due_at" IS NULL)
                        AND (("tasks"."due_date" >= $18) AND ("tasks"."due_date" < $19))
                      )
                      OR (("tasks"."due_at" >= $20) AND ("tasks"."due_at" < $21))
                    )
                  )
                ) IS TRUE AS "v8",
                "tasks"."project_id" AS "project_id"
              FROM
                "tasks"
              WHERE
                ("tasks"."deleted_at" IS NULL)
                AND (
                  ("tasks"."deleted_at" IS NULL)
                  AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                  AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $22))
                  AND (
                    ((("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $23)) OR ("tasks"."due_at" < $24))
                    OR (("tasks"."due_date" IS NULL) AND "tasks"."priority" IN ('urgent'))
                  )
                )
              ORDER BY
                "tasks"."priority" DESC,
                coalesce("tasks"."due_date", date 'infinity'),
                coalesce("tasks"."due_at", timestamptz 'infinity'),
                "tasks"."id"
              LIMIT
                11
            ) AS "l1"
        )
      )
    ),
    json_build_array(
      42,
      json_build_object(
        'take',
        $25::bigint,
        'backward',
        $26::boolean,
        'rows',
        (
          SELECT
            coalesce(
              json_agg(
                (
                  SELECT
                    row_to_json(r)
                  FROM
                    (
                      SELECT
                        "l1"."id",
                        "l1"."version",
                        "l1"."created_at",
                        "l1"."updated_at",
                        "l1"."deleted_at",
                        "l1"."title",
                        "l1"."status",
                        "l1"."color",
                        "l1"."icon",
                        array_to_json(
                          ARRAY [ json_build_array(
                            48,
                            (
                              SELECT
                                row_to_json(m)
                              FROM
                                (
                                  SELECT
                                    COUNT(*),
                                    count("tasks"."id") FILTER (
                                      WHERE
                                        ("tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')) IS TRUE),
                                    count("tasks"."id") FILTER (
                                      WHERE
                                        ("tasks"."status" IN ('done')) IS TRUE),
                                    count("tasks"."id") FILTER (
                                      WHERE
                                        (
                                          (
                                            "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                                            AND (("tasks"."due_at" < $27) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $28)))
                                          )
                                        ) IS TRUE
                                    )
                                  FROM
                                    "tasks"
                                  WHERE
                                    ("tasks"."project_id" = "l1"."id" AND ("tasks"."deleted_at" IS NULL))
                                ) AS m("total", "open", "done", "overdue")
                            )
                          ),
                          json_build_array(53, "l1"."v53") ] :: json[]
                        ) AS "slots"
                    ) AS r
                )
              ),
              '[]'
            )
          FROM
            (
              SELECT
                "projects"."id",
                "projects"."version",
                "projects"."created_at",
                "projects"."updated_at",
                "projects"."deleted_at",
                "projects"."title",
                "projects"."status",
                "projects"."color",
                "projects"."icon",
                (
                  SELECT
                    min(c.v)
                  FROM
                    (
                      SELECT
                        "tasks"."project_id", "tasks"."due_date"
                      FROM
                        "tasks"
                      WHERE
                        (
                          ("tasks"."deleted_at" IS NULL)
                          AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                        )
                    ) AS c(k, v)
                  WHERE
                    c.k = "projects"."id"
                ) AS "v53"
              FROM
                "projects"
              WHERE
                ("projects"."deleted_at" IS NULL) AND ("projects"."status" = $29::project_status)
              ORDER BY
                sort_key("projects"."title"), "projects"."id"
              LIMIT
                21
            ) AS "l1"
        )
      )
    ),
    json_build_array(
      54,
      json_build_object(
        'take',
        $30::bigint,
        'backward',
        $31::boolean,
        'rows',
        (
          SELECT
            coalesce(json_agg(row_to_json("l1")), '[]')
          FROM
            (
              SELECT
                "tasks"."id",
                "tasks"."version",
                "tasks"."created_at",
                "tasks"."updated_at",
                "tasks"."deleted_at",
                "tasks"."title",
                "tasks"."status",
                "tasks"."priority",
                "tasks"."due_date",
                "tasks"."due_at",
                "tasks"."scheduled_date",
                "tasks"."snoozed_until",
                "tasks"."completed_at",
                "tasks"."energy",
                "tasks"."time_estimate",
                "tasks"."source",
                "tasks"."position"
              FROM
                "tasks"
              WHERE
                ("tasks"."deleted_at" IS NULL)
              ORDER BY
                "tasks"."updated_at" DESC, "tasks"."id" DESC
              LIMIT
                6
            ) AS "l1"
        )
      )
    ),
    json_build_array(
      59,
      json_build_object(
        'take',
        $32::bigint,
        'backward',
        $33::boolean,
        'rows',
        (
          SELECT
            coalesce(
              json_agg(
                (
                  SELECT
                    row_to_json(r)
                  FROM
                    (
                      SELECT
                        "l1"."id",
                        "l1"."version",
                        "l1"."created_at",
                        "l1"."updated_at",
                        "l1"."deleted_at",
                        "l1"."name",
                        "l1"."prefix",
                        "l1"."label",
                        "l1"."color",
                        array_to_json(ARRAY [ json_build_array(63, "l1"."v63") ] :: json[]) AS "slots"
                    ) AS r
                )
              ),
              '[]'
            )
          FROM
            (
              SELECT
                "tags"."id",
                "tags"."version",
                "tags"."created_at",
                "tags"."updated_at",
                "tags"."deleted_at",
                "tags"."name",
                "tags"."prefix",
                "tags"."label",
                "tags"."color",
                (
                  SELECT
                    count(*)
                  FROM
                    (
                      SELECT
                        "task_tags"."tag_id"
                      FROM
                        "task_tags" INNER JOIN "tasks" ON "task_tags"."task_id" = "tasks"."id"
                      WHERE
                        (
                          ("tasks"."deleted_at" IS NULL)
                          AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                        )
                    ) AS c(k)
                  WHERE
                    c.k = "tags"."id"
                ) AS "v63"
              FROM
                "tags"
              WHERE
                ("tags"."deleted_at" IS NULL)
              ORDER BY
                coalesce(
                  (
                    SELECT
                      count(*)
                    FROM
                      (
                        SELECT
                          "task_tags"."tag_id"
                        FROM
                          "task_tags" INNER JOIN "tasks" ON "task_tags"."task_id" = "tasks"."id"
                        WHERE
                          (
                            ("tasks"."deleted_at" IS NULL)
                            AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                          )
                      ) AS c(k)
                    WHERE
                      c.k = "tags"."id"
                  ),
                  -1
                ) DESC,
                "tags"."id" DESC
              LIMIT
                11
            ) AS "l1"
        )
      )
    ) ] :: json[]
  )
