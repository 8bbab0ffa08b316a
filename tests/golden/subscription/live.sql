SELECT
  array_to_json(
    ARRAY [ json_build_array(
      0,
      (
        WITH
        ground (feed, known, target, xid, seq, reset) AS MATERIALIZED (
          SELECT
            "settings"."feed_id",
            pg_current_snapshot(),
            settled_snapshot(),
            $1::xid8,
            $2::bigint,
            $3::boolean
          FROM
            "settings"
        ),
        page (id, kind, n) AS MATERIALIZED (
          SELECT
            *, row_number() OVER (
              ORDER BY
                kind DESC, id)
          FROM
            (
              SELECT
                *
              FROM
                (
                  (
                    SELECT
                      "tasks"."id", 'task'::record_type
                    FROM
                      "tasks"
                    WHERE
                      ("tasks"."deleted_at" IS NULL)
                    ORDER BY
                      id
                    LIMIT
                      501
                  )
                  UNION ALL
                  (
                    SELECT
                      "projects"."id", 'project'::record_type
                    FROM
                      "projects"
                    WHERE
                      ("projects"."deleted_at" IS NULL)
                    ORDER BY
                      id
                    LIMIT
                      501
                  )
                  UNION ALL
                  (
                    SELECT
                      "tags"."id", 'tag'::record_type
                    FROM
                      "tags"
                    WHERE
                      ("tags"."deleted_at" IS NULL)
                    ORDER BY
                      id
                    LIMIT
                      501
                  )
                ) AS live (id, kind)
              ORDER BY
                kind DESC, id
              LIMIT
                501
            ) AS found (id, kind)
        ),
        taken AS MATERIALIZED (
          SELECT
            *
          FROM
            page
          WHERE
            n <= $4
        )
        SELECT
          json_build_object(
            'feed',
            feed,
            'target',
            target,
            'reset',
            reset,
            'found',
            (
              SELECT
                count(*)
              FROM
                page
            ),
            'record',
            (
              SELECT
                json_build_array(kind, id)
              FROM
                page
              WHERE
                n = $5
            ),
            'slots',
            array_to_json(
              ARRAY [ json_build_array(
                1,
                (
                  SELECT
                    coalesce(json_agg(row_to_json(r)), '[]')
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
                            AND ("tasks"."due_date" < $6)
                            AND (("tasks"."due_at" < $7) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $8)))
                          )
                        ) IS TRUE AS "v18",
                        (
                          (
                            "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                            AND (
                              (("tasks"."due_date" >= $9) AND ("tasks"."due_date" < $10))
                              AND (
                                (
                                  ("tasks"."due_at" IS NULL)
                                  AND (("tasks"."due_date" >= $11) AND ("tasks"."due_date" < $12))
                                )
                                OR (("tasks"."due_at" >= $13) AND ("tasks"."due_at" < $14))
                              )
                            )
                          )
                        ) IS TRUE AS "v19",
                        "tasks"."project_id" AS "project_id"
                      FROM
                        "tasks"
                      WHERE
                        ("tasks"."deleted_at" IS NULL)
                        AND (
                          "tasks"."id" = ANY(
                            ARRAY(
                              SELECT
                                "taken"."id"
                              FROM
                                "taken"
                              WHERE
                                ("taken"."kind" = 'task'::record_type)
                            )
                          )
                        )
                      ORDER BY
                        "tasks"."id"
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
                          ARRAY [ json_build_array(18, "l1"."v18"),
                          json_build_array(19, "l1"."v19"),
                          json_build_array(
                            25,
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
                            29,
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
                            35,
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
                2,
                (
                  SELECT
                    coalesce(json_agg(row_to_json("l1")), '[]')
                  FROM
                    (
                      SELECT
                        "projects"."id", "projects"."version", "projects"."title", "projects"."status"
                      FROM
                        "projects"
                      WHERE
                        ("projects"."deleted_at" IS NULL)
                        AND (
                          "projects"."id" = ANY(
                            ARRAY(
                              SELECT
                                "taken"."id"
                              FROM
                                "taken"
                              WHERE
                                ("taken"."kind" = 'project'::record_type)
                            )
                          )
                        )
                      ORDER BY
                        "projects"."id"
                    ) AS "l1"
                )
              ),
              json_build_array(
                5,
                (
                  SELECT
                    coalesce(json_agg(row_to_json("l1")), '[]')
                  FROM
                    (
                      SELECT
                        "tags"."id", "tags"."version", "tags"."name", "tags"."label"
                      FROM
                        "tags"
                      WHERE
                        ("tags"."deleted_at" IS NULL)
                        AND (
                          "tags"."id" = ANY(
                            ARRAY(
                              SELECT
                                "taken"."id"
                              FROM
                                "taken"
                              WHERE
                                ("taken"."kind" = 'tag'::record_type)
                            )
                          )
                        )
                      ORDER BY
                        "tags"."id"
                    ) AS "l1"
                )
              ),
              json_build_array(8, '[]'::json) ] :: json[]
            )
          )
        FROM
          ground
      )
    ) ] :: json[]
  )
