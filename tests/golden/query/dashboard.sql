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
                      AND ("tasks"."due_date" < $1)
                      AND (("tasks"."due_at" < $2) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $3)))
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
                  )
              ),
              'done_today',
              (
                SELECT
                  COUNT(*)
                FROM
                  "tasks"
                WHERE
                  (
                    ("tasks"."deleted_at" IS NULL)
                    AND (
                      "tasks"."status" IN ('done')
                      AND (("tasks"."completed_at" >= $10) AND ("tasks"."completed_at" < $11))
                    )
                  )
              ),
              'blocked',
              coalesce(sum(n) FILTER (
                  WHERE
                    "tasks"."status" IN ('blocked')), 0),
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
                    (
                      ("tasks"."deleted_at" IS NULL)
                      AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                    )
                    AND tasks.status = kind.status
                    AND tasks.priority = kind.priority
                ) AS cell
              WHERE
                cell.n > 0
            ) AS tasks
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
                tasks.k1 AS "priority",
                json_build_object(
                  'open',
                  coalesce(sum(n) FILTER (
                      WHERE
                        "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')), 0)
                ) AS "measures"
              FROM
                (
                  SELECT
                    kind.*, cell.n
                  FROM
                    (
                      SELECT
                        tasks.status,
                        tasks.priority,
                        "tasks"."priority" AS "k1",
                        CASE
                          WHEN "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked') THEN NULL
                          ELSE 1
                        END AS most
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
                        (
                          SELECT
                          FROM
                            tasks
                          WHERE
                            ("tasks"."deleted_at" IS NULL)
                            AND tasks.status = kind.status
                            AND tasks.priority = kind.priority
                          LIMIT
                            kind.most
                        ) AS of_kind
                    ) AS cell
                  WHERE
                    cell.n > 0
                ) AS tasks
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
      (
        SELECT
          json_build_object(
            'take',
            $12::bigint,
            'backward',
            $13::boolean,
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
                    AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $14))
                    AND (
                      ("tasks"."due_date" < $15)
                      AND ((("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $16)) OR ("tasks"."due_at" < $17))
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
                    AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $18))
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
                  AND ("tasks"."due_date" < $19)
                  AND (("tasks"."due_at" < $20) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $21)))
                )
              ) IS TRUE AS "v7",
              (
                (
                  "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                  AND (
                    (("tasks"."due_date" >= $22) AND ("tasks"."due_date" < $23))
                    AND (
                      (
                        ("tasks"."due_at" IS NULL)
                        AND (("tasks"."due_date" >= $24) AND ("tasks"."due_date" < $25))
                      )
                      OR (("tasks"."due_at" >= $26) AND ("tasks"."due_at" < $27))
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
                AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $28))
                AND (
                  (
                    ("tasks"."due_date" < $29)
                    AND ((("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $30)) OR ("tasks"."due_at" < $31))
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
              11
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
      (
        SELECT
          json_build_object(
            'take',
            $32::bigint,
            'backward',
            $33::boolean,
            'rows',
            coalesce(json_agg(row_to_json(r)), '[]')
          )
        FROM
          (
            SELECT
              "projects"."id",
              "projects"."version",
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
              ("projects"."deleted_at" IS NULL) AND ("projects"."status" = $34::project_status)
            ORDER BY
              "projects"."sort_title", "projects"."id"
            LIMIT
              21
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
                ARRAY [ json_build_array(
                  48,
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
                                AND ("tasks"."due_date" < $35)
                                AND (("tasks"."due_at" < $36) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $37)))
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
                json_build_array(53, "l1"."v53") ] :: json[]
              ) AS slots
          ) AS r
      )
    ),
    json_build_array(
      54,
      (
        SELECT
          json_build_object(
            'take',
            $38::bigint,
            'backward',
            $39::boolean,
            'rows',
            coalesce(json_agg(row_to_json("l1")), '[]')
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
    ),
    json_build_array(
      59,
      (
        SELECT
          json_build_object(
            'take',
            $40::bigint,
            'backward',
            $41::boolean,
            'rows',
            coalesce(json_agg(row_to_json(r)), '[]')
          )
        FROM
          (
            SELECT
              "tags"."id",
              "tags"."version",
              "tags"."name",
              "tags"."label",
              (
                SELECT
                  count(*)
                FROM
                  (
                    SELECT
                      "task_tags"."tag_id"
                    FROM
                      "task_tags"
                    WHERE
                      "task_tags"."task_open"
                  ) AS c(k)
                WHERE
                  c.k = "tags"."id"
              ) AS "v63"
            FROM
              "tags"
            WHERE
              ("tags"."deleted_at" IS NULL)
            ORDER BY
              (
                SELECT
                  count(*)
                FROM
                  (
                    SELECT
                      "task_tags"."tag_id"
                    FROM
                      "task_tags"
                    WHERE
                      "task_tags"."task_open"
                  ) AS c(k)
                WHERE
                  c.k = "tags"."id"
              ) DESC,
              "tags"."id" DESC
            LIMIT
              11
          ) AS "l1",
          LATERAL (
            SELECT
              "l1"."id",
              "l1"."version",
              "l1"."name",
              "l1"."label",
              array_to_json(ARRAY [ json_build_array(63, "l1"."v63") ] :: json[]) AS slots
          ) AS r
      )
    ) ] :: json[]
  )
