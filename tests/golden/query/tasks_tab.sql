-- 1 statement(s)
SELECT
  array_to_json(
    ARRAY [ json_build_array(
      27,
      (
        SELECT
          json_build_object(
            'take',
            $1::bigint,
            'backward',
            $2::boolean,
            'total',
            (
              SELECT
                COUNT(*)
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
                      ("tasks"."due_date" < $4)
                      AND ((("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $5)) OR ("tasks"."due_at" < $6))
                    )
                  )
                )
            ) + (
              SELECT
                COUNT(*)
              FROM
                "tasks"
              WHERE
                (
                  ("tasks"."deleted_at" IS NULL)
                  AND (
                    ("tasks"."deleted_at" IS NULL)
                    AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                    AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $7))
                    AND (("tasks"."due_date" IS NULL) AND "tasks"."priority" IN ('urgent'))
                  )
                )
            ),
            'rows',
            coalesce(json_agg(row_to_json(r)), '[]'),
            'lists',
            array_to_json(
              ARRAY [ json_build_array(
                18,
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
                  AND ("tasks"."due_date" < $8)
                  AND (("tasks"."due_at" < $9) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $10)))
                )
              ) IS TRUE AS "v7",
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
              ) IS TRUE AS "v8",
              "tasks"."project_id" AS "project_id"
            FROM
              "tasks"
            WHERE
              ("tasks"."deleted_at" IS NULL)
              AND (
                ("tasks"."deleted_at" IS NULL)
                AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $17))
                AND (
                  (
                    ("tasks"."due_date" < $18)
                    AND ((("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $19)) OR ("tasks"."due_at" < $20))
                  )
                  OR (("tasks"."due_date" IS NULL) AND "tasks"."priority" IN ('urgent'))
                )
              )
            ORDER BY
              turned("tasks"."priority"),
              coalesce("tasks"."due_date", date 'infinity'),
              coalesce("tasks"."due_at", timestamptz 'infinity'),
              "tasks"."id"
            LIMIT
              101
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
                  24,
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
    ),
    json_build_array(
      30,
      (
        SELECT
          json_build_object(
            'take',
            $21::bigint,
            'backward',
            $22::boolean,
            'total',
            (
              SELECT
                COUNT(*)
              FROM
                "tasks"
              WHERE
                (
                  ("tasks"."deleted_at" IS NULL)
                  AND (
                    ("tasks"."deleted_at" IS NULL)
                    AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                    AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $23))
                    AND (
                      (
                        "tasks"."priority" IN ('low')
                        OR (("tasks"."due_date" IS NULL) AND "tasks"."status" IN ('todo'))
                      )
                      AND ("tasks"."parent_id" IS NULL)
                    )
                  )
                )
            ),
            'rows',
            coalesce(json_agg(row_to_json(r)), '[]'),
            'lists',
            array_to_json(
              ARRAY [ json_build_array(
                18,
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
                  AND ("tasks"."due_date" < $24)
                  AND (("tasks"."due_at" < $25) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $26)))
                )
              ) IS TRUE AS "v7",
              (
                (
                  "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                  AND (
                    (("tasks"."due_date" >= $27) AND ("tasks"."due_date" < $28))
                    AND (
                      (
                        ("tasks"."due_at" IS NULL)
                        AND (("tasks"."due_date" >= $29) AND ("tasks"."due_date" < $30))
                      )
                      OR (("tasks"."due_at" >= $31) AND ("tasks"."due_at" < $32))
                    )
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
                AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $33))
                AND (
                  (
                    "tasks"."priority" IN ('low')
                    OR (("tasks"."due_date" IS NULL) AND "tasks"."status" IN ('todo'))
                  )
                  AND ("tasks"."parent_id" IS NULL)
                )
              )
            ORDER BY
              coalesce("tasks"."due_date", date 'infinity'),
              coalesce("tasks"."due_at", timestamptz 'infinity'),
              "tasks"."id"
            LIMIT
              101
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
                  24,
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
    ),
    json_build_array(
      33,
      (
        SELECT
          json_build_object(
            'take',
            $34::bigint,
            'backward',
            $35::boolean,
            'total',
            (
              SELECT
                COUNT(*)
              FROM
                "tasks"
              WHERE
                (
                  ("tasks"."deleted_at" IS NULL)
                  AND (
                    ("tasks"."deleted_at" IS NULL)
                    AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                    AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $36))
                    AND ("tasks"."status" IN ('inbox') AND ("tasks"."parent_id" IS NULL))
                  )
                )
            ),
            'rows',
            coalesce(json_agg(row_to_json(r)), '[]'),
            'lists',
            array_to_json(
              ARRAY [ json_build_array(
                18,
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
                  AND ("tasks"."due_date" < $37)
                  AND (("tasks"."due_at" < $38) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $39)))
                )
              ) IS TRUE AS "v7",
              (
                (
                  "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                  AND (
                    (("tasks"."due_date" >= $40) AND ("tasks"."due_date" < $41))
                    AND (
                      (
                        ("tasks"."due_at" IS NULL)
                        AND (("tasks"."due_date" >= $42) AND ("tasks"."due_date" < $43))
                      )
                      OR (("tasks"."due_at" >= $44) AND ("tasks"."due_at" < $45))
                    )
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
                AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $46))
                AND ("tasks"."status" IN ('inbox') AND ("tasks"."parent_id" IS NULL))
              )
            ORDER BY
              "tasks"."position", "tasks"."id"
            LIMIT
              101
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
                  24,
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
    ),
    json_build_array(
      36,
      (
        SELECT
          json_build_object(
            'take',
            $47::bigint,
            'backward',
            $48::boolean,
            'rows',
            coalesce(json_agg(row_to_json(r)), '[]'),
            'lists',
            array_to_json(
              ARRAY [ json_build_array(
                18,
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
                  AND ("tasks"."due_date" < $49)
                  AND (("tasks"."due_at" < $50) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $51)))
                )
              ) IS TRUE AS "v7",
              (
                (
                  "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                  AND (
                    (("tasks"."due_date" >= $52) AND ("tasks"."due_date" < $53))
                    AND (
                      (
                        ("tasks"."due_at" IS NULL)
                        AND (("tasks"."due_date" >= $54) AND ("tasks"."due_date" < $55))
                      )
                      OR (("tasks"."due_at" >= $56) AND ("tasks"."due_at" < $57))
                    )
                  )
                )
              ) IS TRUE AS "v8",
              "tasks"."project_id" AS "project_id"
            FROM
              "tasks"
            WHERE
              ("tasks"."deleted_at" IS NULL)
              AND (
                ("tasks"."status" = $58::task_status)
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
                  24,
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
    ),
    json_build_array(
      38,
      (
        SELECT
          json_build_object(
            'take',
            $59::bigint,
            'backward',
            $60::boolean,
            'rows',
            coalesce(json_agg(row_to_json(r)), '[]'),
            'lists',
            array_to_json(
              ARRAY [ json_build_array(
                18,
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
                  AND ("tasks"."due_date" < $61)
                  AND (("tasks"."due_at" < $62) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $63)))
                )
              ) IS TRUE AS "v7",
              (
                (
                  "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                  AND (
                    (("tasks"."due_date" >= $64) AND ("tasks"."due_date" < $65))
                    AND (
                      (
                        ("tasks"."due_at" IS NULL)
                        AND (("tasks"."due_date" >= $66) AND ("tasks"."due_date" < $67))
                      )
                      OR (("tasks"."due_at" >= $68) AND ("tasks"."due_at" < $69))
                    )
                  )
                )
              ) IS TRUE AS "v8",
              "tasks"."project_id" AS "project_id"
            FROM
              "tasks"
            WHERE
              ("tasks"."deleted_at" IS NULL)
              AND (
                ("tasks"."status" = $70::task_status)
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
                  24,
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
    ),
    json_build_array(
      40,
      (
        SELECT
          json_build_object(
            'take',
            $71::bigint,
            'backward',
            $72::boolean,
            'rows',
            coalesce(json_agg(row_to_json(r)), '[]'),
            'lists',
            array_to_json(
              ARRAY [ json_build_array(
                18,
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
                  AND ("tasks"."due_date" < $73)
                  AND (("tasks"."due_at" < $74) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $75)))
                )
              ) IS TRUE AS "v7",
              (
                (
                  "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                  AND (
                    (("tasks"."due_date" >= $76) AND ("tasks"."due_date" < $77))
                    AND (
                      (
                        ("tasks"."due_at" IS NULL)
                        AND (("tasks"."due_date" >= $78) AND ("tasks"."due_date" < $79))
                      )
                      OR (("tasks"."due_at" >= $80) AND ("tasks"."due_at" < $81))
                    )
                  )
                )
              ) IS TRUE AS "v8",
              "tasks"."project_id" AS "project_id"
            FROM
              "tasks"
            WHERE
              ("tasks"."deleted_at" IS NULL)
              AND (
                ("tasks"."status" = $82::task_status)
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
                  24,
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
    ),
    json_build_array(
      42,
      json_build_object(
        'total',
        (
          SELECT
            json_build_object(
              'count',
              coalesce(sum(n), 0),
              'open',
              coalesce(sum(n) FILTER (
                  WHERE
                    "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')), 0),
              'overdue',
              (
                SELECT
                  COUNT(*)
                FROM
                  "tasks"
                WHERE
                  (
                    ("tasks"."deleted_at" IS NULL)
                    AND (
                      "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                      AND ("tasks"."due_date" < $83)
                      AND (("tasks"."due_at" < $84) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $85)))
                    )
                  )
              ),
              'due_today',
              (
                SELECT
                  COUNT(*)
                FROM
                  "tasks"
                WHERE
                  (
                    ("tasks"."deleted_at" IS NULL)
                    AND (
                      "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                      AND (
                        (("tasks"."due_date" >= $86) AND ("tasks"."due_date" < $87))
                        AND (
                          (
                            ("tasks"."due_at" IS NULL)
                            AND (("tasks"."due_date" >= $88) AND ("tasks"."due_date" < $89))
                          )
                          OR (("tasks"."due_at" >= $90) AND ("tasks"."due_at" < $91))
                        )
                      )
                    )
                  )
              ),
              'in_progress',
              coalesce(sum(n) FILTER (
                  WHERE
                    "tasks"."status" IN ('in_progress')), 0),
              'blocked',
              coalesce(sum(n) FILTER (
                  WHERE
                    "tasks"."status" IN ('blocked')), 0),
              'done',
              coalesce(sum(n) FILTER (
                  WHERE
                    "tasks"."status" IN ('done')), 0),
              'open_urgent',
              coalesce(
                sum(n) FILTER (
                  WHERE
                    (
                      "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                      AND "tasks"."priority" IN ('urgent')
                    )
                ),
                0
              )
            )
          FROM
            (
              SELECT
                kind.*, cell.n
              FROM
                (
                  SELECT
                    tasks.status, tasks.priority
                  FROM
                    (
                      SELECT
                        *
                      FROM
                        unnest(enum_range(NULL::task_status)) AS s(status),
                        unnest(enum_range(NULL::task_priority)) AS p(priority)
                    ) AS tasks
                ) AS kind,
                LATERAL (
                  SELECT
                    count(*) AS n
                  FROM
                    tasks
                  WHERE
                    ("tasks"."deleted_at" IS NULL)
                    AND tasks.status = kind.status
                    AND tasks.priority = kind.priority
                ) AS cell
              WHERE
                cell.n > 0
            ) AS tasks
        )
      )
    ) ] :: json[]
  )
