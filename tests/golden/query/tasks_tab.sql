-- 1 statement(s)
SELECT
  array_to_json(
    ARRAY [ json_build_array(
      27,
      json_build_object(
        'take',
        $1::bigint,
        'backward',
        $2::boolean,
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
                AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $3))
                AND (
                  ((("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $4)) OR ("tasks"."due_at" < $5))
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
                                            AND (("tasks"."due_at" < $6) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $7)))
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
                    AND (("tasks"."due_at" < $8) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $9)))
                  )
                ) IS TRUE AS "v7",
                (
                  (
                    "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                    AND (
                      (
                        ("tasks"."due_at" IS NULL)
                        AND (("tasks"."due_date" >= $10) AND ("tasks"."due_date" < $11))
                      )
                      OR (("tasks"."due_at" >= $12) AND ("tasks"."due_at" < $13))
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
                  AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $14))
                  AND (
                    ((("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $15)) OR ("tasks"."due_at" < $16))
                    OR (("tasks"."due_date" IS NULL) AND "tasks"."priority" IN ('urgent'))
                  )
                )
              ORDER BY
                "tasks"."priority" DESC,
                coalesce("tasks"."due_date", date 'infinity'),
                coalesce("tasks"."due_at", timestamptz 'infinity'),
                "tasks"."id"
              LIMIT
                101
            ) AS "l1"
        )
      )
    ),
    json_build_array(
      30,
      json_build_object(
        'take',
        $17::bigint,
        'backward',
        $18::boolean,
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
                AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $19))
                AND (
                  (
                    "tasks"."priority" IN ('low')
                    OR (("tasks"."due_date" IS NULL) AND "tasks"."status" IN ('todo'))
                  )
                  AND (
                    ("tasks"."parent_id" IS NULL)
                    OR (
                      (("tasks"."deleted_at" IS NULL)) IS NOT TRUE
                      AND (
                        EXISTS (
                          SELECT
                          FROM
                            (
                              SELECT
                                "tasks"."id"
                              FROM
                                "tasks"
                              WHERE
                                ("tasks"."deleted_at" IS NULL)
                            ) AS c(k)
                          WHERE
                            c.k = "tasks"."parent_id"
                        )
                      ) IS NOT TRUE
                    )
                  )
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
                                            AND (("tasks"."due_at" < $20) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $21)))
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
                    AND (("tasks"."due_at" < $22) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $23)))
                  )
                ) IS TRUE AS "v7",
                (
                  (
                    "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                    AND (
                      (
                        ("tasks"."due_at" IS NULL)
                        AND (("tasks"."due_date" >= $24) AND ("tasks"."due_date" < $25))
                      )
                      OR (("tasks"."due_at" >= $26) AND ("tasks"."due_at" < $27))
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
                  AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $28))
                  AND (
                    (
                      "tasks"."priority" IN ('low')
                      OR (("tasks"."due_date" IS NULL) AND "tasks"."status" IN ('todo'))
                    )
                    AND (
                      ("tasks"."parent_id" IS NULL)
                      OR (
                        (("tasks"."deleted_at" IS NULL)) IS NOT TRUE
                        AND (
                          EXISTS (
                            SELECT
                            FROM
                              (
                                SELECT
                                  "tasks"."id"
                                FROM
                                  "tasks"
                                WHERE
                                  ("tasks"."deleted_at" IS NULL)
                              ) AS c(k)
                            WHERE
                              c.k = "tasks"."parent_id"
                          )
                        ) IS NOT TRUE
                      )
                    )
                  )
                )
              ORDER BY
                coalesce("tasks"."due_date", date 'infinity'),
                coalesce("tasks"."due_at", timestamptz 'infinity'),
                "tasks"."id"
              LIMIT
                101
            ) AS "l1"
        )
      )
    ),
    json_build_array(
      33,
      json_build_object(
        'take',
        $29::bigint,
        'backward',
        $30::boolean,
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
                AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $31))
                AND (
                  "tasks"."status" IN ('inbox')
                  AND (
                    ("tasks"."parent_id" IS NULL)
                    OR (
                      (("tasks"."deleted_at" IS NULL)) IS NOT TRUE
                      AND (
                        EXISTS (
                          SELECT
                          FROM
                            (
                              SELECT
                                "tasks"."id"
                              FROM
                                "tasks"
                              WHERE
                                ("tasks"."deleted_at" IS NULL)
                            ) AS c(k)
                          WHERE
                            c.k = "tasks"."parent_id"
                        )
                      ) IS NOT TRUE
                    )
                  )
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
                                            AND (("tasks"."due_at" < $32) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $33)))
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
                    AND (("tasks"."due_at" < $34) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $35)))
                  )
                ) IS TRUE AS "v7",
                (
                  (
                    "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                    AND (
                      (
                        ("tasks"."due_at" IS NULL)
                        AND (("tasks"."due_date" >= $36) AND ("tasks"."due_date" < $37))
                      )
                      OR (("tasks"."due_at" >= $38) AND ("tasks"."due_at" < $39))
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
                  AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $40))
                  AND (
                    "tasks"."status" IN ('inbox')
                    AND (
                      ("tasks"."parent_id" IS NULL)
                      OR (
                        (("tasks"."deleted_at" IS NULL)) IS NOT TRUE
                        AND (
                          EXISTS (
                            SELECT
                            FROM
                              (
                                SELECT
                                  "tasks"."id"
                                FROM
                                  "tasks"
                                WHERE
                                  ("tasks"."deleted_at" IS NULL)
                              ) AS c(k)
                            WHERE
                              c.k = "tasks"."parent_id"
                          )
                        ) IS NOT TRUE
                      )
                    )
                  )
                )
              ORDER BY
                "tasks"."position", "tasks"."id"
              LIMIT
                101
            ) AS "l1"
        )
      )
    ),
    json_build_array(
      36,
      json_build_object(
        'take',
        $41::bigint,
        'backward',
        $42::boolean,
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
                                            AND (("tasks"."due_at" < $43) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $44)))
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
                    AND (("tasks"."due_at" < $45) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $46)))
                  )
                ) IS TRUE AS "v7",
                (
                  (
                    "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                    AND (
                      (
                        ("tasks"."due_at" IS NULL)
                        AND (("tasks"."due_date" >= $47) AND ("tasks"."due_date" < $48))
                      )
                      OR (("tasks"."due_at" >= $49) AND ("tasks"."due_at" < $50))
                    )
                  )
                ) IS TRUE AS "v8",
                "tasks"."project_id" AS "project_id"
              FROM
                "tasks"
              WHERE
                ("tasks"."deleted_at" IS NULL)
                AND (
                  ("tasks"."status" = $51::task_status)
                  AND (
                    ("tasks"."parent_id" IS NULL)
                    OR (
                      (("tasks"."deleted_at" IS NULL)) IS NOT TRUE
                      AND (
                        EXISTS (
                          SELECT
                          FROM
                            (
                              SELECT
                                "tasks"."id"
                              FROM
                                "tasks"
                              WHERE
                                ("tasks"."deleted_at" IS NULL)
                            ) AS c(k)
                          WHERE
                            c.k = "tasks"."parent_id"
                        )
                      ) IS NOT TRUE
                    )
                  )
                )
              ORDER BY
                "tasks"."position", "tasks"."id"
              LIMIT
                101
            ) AS "l1"
        )
      )
    ),
    json_build_array(
      38,
      json_build_object(
        'take',
        $52::bigint,
        'backward',
        $53::boolean,
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
                                            AND (("tasks"."due_at" < $54) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $55)))
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
                    AND (("tasks"."due_at" < $56) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $57)))
                  )
                ) IS TRUE AS "v7",
                (
                  (
                    "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                    AND (
                      (
                        ("tasks"."due_at" IS NULL)
                        AND (("tasks"."due_date" >= $58) AND ("tasks"."due_date" < $59))
                      )
                      OR (("tasks"."due_at" >= $60) AND ("tasks"."due_at" < $61))
                    )
                  )
                ) IS TRUE AS "v8",
                "tasks"."project_id" AS "project_id"
              FROM
                "tasks"
              WHERE
                ("tasks"."deleted_at" IS NULL)
                AND (
                  ("tasks"."status" = $62::task_status)
                  AND (
                    ("tasks"."parent_id" IS NULL)
                    OR (
                      (("tasks"."deleted_at" IS NULL)) IS NOT TRUE
                      AND (
                        EXISTS (
                          SELECT
                          FROM
                            (
                              SELECT
                                "tasks"."id"
                              FROM
                                "tasks"
                              WHERE
                                ("tasks"."deleted_at" IS NULL)
                            ) AS c(k)
                          WHERE
                            c.k = "tasks"."parent_id"
                        )
                      ) IS NOT TRUE
                    )
                  )
                )
              ORDER BY
                "tasks"."position", "tasks"."id"
              LIMIT
                101
            ) AS "l1"
        )
      )
    ),
    json_build_array(
      40,
      json_build_object(
        'take',
        $63::bigint,
        'backward',
        $64::boolean,
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
                                            AND (("tasks"."due_at" < $65) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $66)))
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
                    AND (("tasks"."due_at" < $67) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $68)))
                  )
                ) IS TRUE AS "v7",
                (
                  (
                    "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                    AND (
                      (
                        ("tasks"."due_at" IS NULL)
                        AND (("tasks"."due_date" >= $69) AND ("tasks"."due_date" < $70))
                      )
                      OR (("tasks"."due_at" >= $71) AND ("tasks"."due_at" < $72))
                    )
                  )
                ) IS TRUE AS "v8",
                "tasks"."project_id" AS "project_id"
              FROM
                "tasks"
              WHERE
                ("tasks"."deleted_at" IS NULL)
                AND (
                  ("tasks"."status" = $73::task_status)
                  AND (
                    ("tasks"."parent_id" IS NULL)
                    OR (
                      (("tasks"."deleted_at" IS NULL)) IS NOT TRUE
                      AND (
                        EXISTS (
                          SELECT
                          FROM
                            (
                              SELECT
                                "tasks"."id"
                              FROM
                                "tasks"
                              WHERE
                                ("tasks"."deleted_at" IS NULL)
                            ) AS c(k)
                          WHERE
                            c.k = "tasks"."parent_id"
                        )
                      ) IS NOT TRUE
                    )
                  )
                )
              ORDER BY
                coalesce("tasks"."completed_at", timestamptz '-infinity') DESC, "tasks"."id" DESC
              LIMIT
                51
            ) AS "l1"
        )
      )
    ),
    json_build_array(
      42,
      json_build_object(
        'total',
        (
          SELECT
            json_build_object(
              'count',
              COUNT(*),
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
                      AND (("tasks"."due_at" < $74) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $75)))
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
                          AND (("tasks"."due_date" >= $76) AND ("tasks"."due_date" < $77))
                        )
                        OR (("tasks"."due_at" >= $78) AND ("tasks"."due_at" < $79))
                      )
                    )
                  ) IS TRUE
              ),
              'in_progress',
              count("tasks"."id") FILTER (
                WHERE
                  ("tasks"."status" IN ('in_progress')) IS TRUE),
              'blocked',
              count("tasks"."id") FILTER (
                WHERE
                  ("tasks"."status" IN ('blocked')) IS TRUE),
              'done',
              count("tasks"."id") FILTER (
                WHERE
                  ("tasks"."status" IN ('done')) IS TRUE),
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
        )
      )
    ) ] :: json[]
  )
