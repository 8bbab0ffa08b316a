-- 1 statement(s)
SELECT
  array_to_json(
    ARRAY [ json_build_array(
      0,
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
      9,
      (
        SELECT
          json_build_object(
            'take',
            $10::bigint,
            'backward',
            $11::boolean,
            'rows',
            coalesce(json_agg(row_to_json("l1")), '[]')
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
              "tasks"."energy",
              "tasks"."time_estimate",
              "tasks"."position"
            FROM
              "tasks"
            WHERE
              ("tasks"."deleted_at" IS NULL)
              AND (
                ("tasks"."priority" = $12::task_priority)
                AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
              )
            ORDER BY
              coalesce("tasks"."due_date", date 'infinity'),
              coalesce("tasks"."due_at", timestamptz 'infinity'),
              "tasks"."id"
            LIMIT
              6
          ) AS "l1"
      )
    ),
    json_build_array(
      16,
      (
        SELECT
          json_build_object(
            'take',
            $13::bigint,
            'backward',
            $14::boolean,
            'rows',
            coalesce(json_agg(row_to_json("l1")), '[]')
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
              ("tasks"."deleted_at" IS NULL)
              AND (
                (
                  (("tasks"."due_date" >= $15) AND ("tasks"."due_date" < $16))
                  AND (
                    (
                      ("tasks"."due_at" IS NULL)
                      AND (("tasks"."due_date" >= $17) AND ("tasks"."due_date" < $18))
                    )
                    OR (("tasks"."due_at" >= $19) AND ("tasks"."due_at" < $20))
                  )
                )
                AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
              )
            ORDER BY
              "tasks"."priority" DESC, "tasks"."id" DESC
            LIMIT
              11
          ) AS "l1"
      )
    ) ] :: json[]
  )
