-- 1 statement(s)
SELECT
  array_to_json(
    ARRAY [ json_build_array(
      0,
      (
        SELECT
          json_build_object(
            'take',
            $1::bigint,
            'backward',
            $2::boolean,
            'rows',
            coalesce(json_agg(row_to_json(r)), '[]'),
            'lists',
            array_to_json(
              ARRAY [ json_build_array(
                20,
                (
                  SELECT
                    coalesce(json_agg(json_build_array(row_to_json(r), "l2"."numbers")), '[]')
                  FROM
                    (
                      SELECT
                        "tags"."id",
                        "tags"."version",
                        "tags"."name",
                        "tags"."prefix",
                        "tags"."label",
                        "tags"."color",
                        c.numbers AS "numbers"
                      FROM
                        "tags"
                        INNER JOIN (
                          SELECT
                            "task_tags"."tag_id" AS id, array_agg(n) AS numbers
                          FROM
                            unnest(array_agg("l1"."id"))
                          WITH
                          ORDINALITY AS parent(id, n)
                          INNER JOIN "task_tags" ON "task_tags"."task_id" = parent.id
                          GROUP BY
                            "task_tags"."tag_id"
                        ) AS c ON c.id = "tags"."id"
                      WHERE
                        ("tags"."deleted_at" IS NULL)
                      ORDER BY
                        "tags"."sort_name", "tags"."id"
                    ) AS "l2",
                    LATERAL (
                      SELECT
                        "l2"."id", "l2"."version", "l2"."name", "l2"."prefix", "l2"."label", "l2"."color") AS r
                )
              ) ] :: json[]
            )
          )
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
                  AND ("tasks"."due_date" < $3)
                  AND (("tasks"."due_at" < $4) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $5)))
                )
              ) IS TRUE AS "v9",
              (
                (
                  "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                  AND (
                    (("tasks"."due_date" >= $6) AND ("tasks"."due_date" < $7))
                    AND (
                      (
                        ("tasks"."due_at" IS NULL)
                        AND (("tasks"."due_date" >= $8) AND ("tasks"."due_date" < $9))
                      )
                      OR (("tasks"."due_at" >= $10) AND ("tasks"."due_at" < $11))
                    )
                  )
                )
              ) IS TRUE AS "v10",
              "tasks"."project_id" AS "project_id"
            FROM
              "tasks"
            WHERE
              ("tasks"."deleted_at" IS NULL)
              AND (
                ("tasks"."priority" >= $12::task_priority)
                AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                AND EXISTS (
                  SELECT
                  FROM
                    (
                      SELECT
                        "task_tags"."task_id"
                      FROM
                        "task_tags" INNER JOIN "tags" ON "task_tags"."tag_id" = "tags"."id"
                      WHERE
                        (
                          ("tags"."deleted_at" IS NULL)
                          AND ((fold("tags"."prefix") = $13) AND (fold("tags"."label") = ANY($14)))
                        )
                    ) AS c(k)
                  WHERE
                    c.k = "tasks"."id"
                )
              )
            ORDER BY
              turned("tasks"."priority"),
              coalesce("tasks"."due_date", date 'infinity'),
              coalesce("tasks"."due_at", timestamptz 'infinity'),
              "tasks"."id"
            LIMIT
              51
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
                ARRAY [ json_build_array(9, "l1"."v9"),
                json_build_array(10, "l1"."v10"),
                json_build_array(
                  16,
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
  )
