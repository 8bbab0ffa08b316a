-- 1 statement(s)
SELECT
  array_to_json(
    ARRAY [ json_build_array(
      0,
      (
        SELECT
          row_to_json(r)
        FROM
          (
            SELECT
              "projects"."id",
              "projects"."version",
              "projects"."title",
              "projects"."status",
              "projects"."color",
              "projects"."icon",
              "projects"."description" AS "v3"
            FROM
              "projects"
            WHERE
              ("projects"."id" = $1)
          ) AS "l1",
          LATERAL (
            SELECT
              "l1"."id",
              "l1"."version",
              "l1"."title",
              "l1"."status",
              "l1"."color",
              "l1"."icon",
              array_to_json(
                ARRAY [ json_build_array(3, "l1"."v3"),
                json_build_array(
                  7,
                  (
                    SELECT
                      json_build_object(
                        'total',
                        COUNT(*),
                        'open',
                        count("tasks"."status") FILTER (
                          WHERE
                            ("tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')) IS TRUE),
                        'done',
                        count("tasks"."status") FILTER (
                          WHERE
                            ("tasks"."status" IN ('done')) IS TRUE),
                        'overdue',
                        count("tasks"."status") FILTER (
                          WHERE
                            (
                              (
                                "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                                AND ("tasks"."due_date" < $2)
                                AND (("tasks"."due_at" < $3) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $4)))
                              )
                            ) IS TRUE
                        )
                      )
                    FROM
                      "tasks"
                    WHERE
                      ("tasks"."project_id" = "l1"."id" AND ("tasks"."deleted_at" IS NULL))
                  )
                ),
                json_build_array(
                  12,
                  (
                    SELECT
                      json_build_object(
                        'take',
                        $5::bigint,
                        'backward',
                        $6::boolean,
                        'total',
                        (
                          SELECT
                            COUNT(*)
                          FROM
                            "tasks"
                          WHERE
                            (
                              ("tasks"."project_id" = "l1"."id" AND ("tasks"."deleted_at" IS NULL))
                              AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                            )
                        ),
                        'keyed',
                        coalesce(json_agg(json_build_array(row_to_json(r), "l2"."cursor")), '[]'),
                        'lists',
                        array_to_json(
                          ARRAY [ json_build_array(
                            42,
                            (
                              SELECT
                                coalesce(json_agg(json_build_array(row_to_json(r), "l3"."numbers")), '[]')
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
                                        unnest(array_agg("l2"."id"))
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
                                ) AS "l3",
                                LATERAL (
                                  SELECT
                                    "l3"."id", "l3"."version", "l3"."name", "l3"."prefix", "l3"."label", "l3"."color") AS r
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
                          json_build_array(
                            $7::text,
                            "tasks"."status",
                            "tasks"."priority",
                            "tasks"."due_date",
                            "tasks"."due_at",
                            "tasks"."id"
                          ) AS "cursor",
                          (
                            (
                              "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                              AND ("tasks"."due_date" < $8)
                              AND (("tasks"."due_at" < $9) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $10)))
                            )
                          ) IS TRUE AS "v31",
                          (
                            (
                              "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                              AND (
                                (("tasks"."due_date" >= $11) AND ("tasks"."due_date" < $12))
                                AND (
                                  (
                                    ("tasks"."due_at" IS NULL)
                                    AND (("tasks"."due_date" >= $13) AND ("tasks"."due_date" < $14))
                                  )
                                  OR (("tasks"."due_at" >= $15) AND ("tasks"."due_at" < $16))
                                )
                              )
                            )
                          ) IS TRUE AS "v32",
                          "tasks"."project_id" AS "project_id"
                        FROM
                          "tasks"
                        WHERE
                          ("tasks"."project_id" = "l1"."id" AND ("tasks"."deleted_at" IS NULL))
                          AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                        ORDER BY
                          "tasks"."status",
                          turned("tasks"."priority"),
                          coalesce("tasks"."due_date", date 'infinity'),
                          coalesce("tasks"."due_at", timestamptz 'infinity'),
                          "tasks"."id"
                        LIMIT
                          51
                      ) AS "l2",
                      LATERAL (
                        SELECT
                          "l2"."id",
                          "l2"."version",
                          "l2"."updated_at",
                          "l2"."title",
                          "l2"."status",
                          "l2"."priority",
                          "l2"."due_date",
                          "l2"."due_at",
                          "l2"."snoozed_until",
                          "l2"."completed_at",
                          "l2"."energy",
                          "l2"."time_estimate",
                          "l2"."position",
                          array_to_json(
                            ARRAY [ json_build_array(31, "l2"."v31"),
                            json_build_array(32, "l2"."v32"),
                            json_build_array(
                              38,
                              (
                                SELECT
                                  row_to_json("l3")
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
                                      ("projects"."id" = "l2"."project_id" AND ("projects"."deleted_at" IS NULL))
                                  ) AS "l3"
                              )
                            ),
                            json_build_array(
                              48,
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
                                  ("tasks"."parent_id" = "l2"."id" AND ("tasks"."deleted_at" IS NULL))
                              )
                            ),
                            json_build_array(
                              18,
                              (
                                SELECT
                                  json_build_object(
                                    'take',
                                    $17::bigint,
                                    'backward',
                                    $18::boolean,
                                    'rows',
                                    coalesce(json_agg(row_to_json("l3")), '[]'),
                                    'lists',
                                    array_to_json(
                                      ARRAY [ json_build_array(
                                        22,
                                        (
                                          SELECT
                                            coalesce(json_agg(json_build_array(row_to_json(r), "l4"."numbers")), '[]')
                                          FROM
                                            (
                                              SELECT
                                                "tags"."id", "tags"."version", "tags"."name", "tags"."label", c.numbers AS "numbers"
                                              FROM
                                                "tags"
                                                INNER JOIN (
                                                  SELECT
                                                    "task_tags"."tag_id" AS id, array_agg(n) AS numbers
                                                  FROM
                                                    unnest(array_agg("l3"."id"))
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
                                            ) AS "l4",
                                            LATERAL (
                                              SELECT
                                                "l4"."id", "l4"."version", "l4"."name", "l4"."label") AS r
                                        )
                                      ) ] :: json[]
                                    )
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
                                      ("tasks"."parent_id" = "l2"."id" AND ("tasks"."deleted_at" IS NULL))
                                    ORDER BY
                                      "tasks"."position", "tasks"."id"
                                    LIMIT
                                      6
                                  ) AS "l3"
                              )
                            ) ] :: json[]
                          ) AS slots
                      ) AS r
                  )
                ) ] :: json[]
              ) AS slots
          ) AS r
      )
    ) ] :: json[]
  )
