-- 1 statement(s)
SELECT
  array_to_json(
    ARRAY [ json_build_array(
      0,
      (
        SELECT
          coalesce(
            (
              SELECT
                json_build_object('Task', row_to_json("l2"))
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
                    ("tasks"."id" = "l1"."id")
                ) AS "l2"
            ),
            (
              SELECT
                json_build_object('Project', row_to_json(r))
              FROM
                (
                  SELECT
                    "projects"."id", "projects"."version", "projects"."title", "projects"."status"
                  FROM
                    "projects"
                  WHERE
                    ("projects"."id" = "l1"."id")
                ) AS "l2",
                LATERAL (
                  SELECT
                    "l2"."id",
                    "l2"."version",
                    "l2"."title",
                    "l2"."status",
                    array_to_json(
                      ARRAY [ json_build_array(
                        4,
                        (
                          SELECT
                            json_build_object('total', COUNT(*))
                          FROM
                            "tasks"
                          WHERE
                            ("tasks"."project_id" = "l2"."id" AND ("tasks"."deleted_at" IS NULL))
                        )
                      ) ] :: json[]
                    ) AS slots
                ) AS r
            ),
            (
              SELECT
                json_build_object('Tag', row_to_json("l2"))
              FROM
                (
                  SELECT
                    "tags"."id", "tags"."version", "tags"."name", "tags"."label"
                  FROM
                    "tags"
                  WHERE
                    ("tags"."id" = "l1"."id")
                ) AS "l2"
            )
          )
        FROM
          (
            SELECT
              *
            FROM
              unnest($1)
            WITH
            ORDINALITY
          ) AS "l1"(id, n)
      )
    ),
    json_build_array(
      7,
      (
        SELECT
          coalesce(
            json_agg(
              coalesce(
                (
                  SELECT
                    json_build_object('Task', row_to_json(r))
                  FROM
                    (
                      SELECT
                        "tasks"."id",
                        "tasks"."version",
                        "tasks"."deleted_at",
                        "tasks"."title",
                        "tasks"."status",
                        "tasks"."priority",
                        "tasks"."due_date",
                        "tasks"."due_at",
                        "tasks"."position"
                      FROM
                        "tasks"
                      WHERE
                        ("tasks"."id" = "l1"."id")
                    ) AS "l2",
                    LATERAL (
                      SELECT
                        "l2"."id",
                        "l2"."version",
                        "l2"."deleted_at",
                        "l2"."title",
                        "l2"."status",
                        "l2"."priority",
                        "l2"."due_date",
                        "l2"."due_at",
                        "l2"."position",
                        array_to_json(
                          ARRAY [ json_build_array(
                            11,
                            (
                              SELECT
                                coalesce(json_agg(row_to_json("l3")), '[]')
                              FROM
                                (
                                  SELECT
                                    "tags"."id", "tags"."version", "tags"."name", "tags"."label"
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
                                          "task_tags"."task_id" = "l2"."id"
                                      )
                                      AND ("tags"."deleted_at" IS NULL)
                                    )
                                  ORDER BY
                                    "tags"."sort_name", "tags"."id"
                                ) AS "l3"
                            )
                          ) ] :: json[]
                        ) AS slots
                    ) AS r
                ),
                (
                  SELECT
                    json_build_object('Project', row_to_json("l2"))
                  FROM
                    (
                      SELECT
                        "projects"."id", "projects"."version", "projects"."title", "projects"."status"
                      FROM
                        "projects"
                      WHERE
                        ("projects"."id" = "l1"."id")
                    ) AS "l2"
                ),
                (
                  SELECT
                    json_build_object('Tag', row_to_json(r))
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
                                "task_tags"."task_live"
                            ) AS c(k)
                          WHERE
                            c.k = "tags"."id"
                        ) AS "v13"
                      FROM
                        "tags"
                      WHERE
                        ("tags"."id" = "l1"."id")
                    ) AS "l2",
                    LATERAL (
                      SELECT
                        "l2"."id",
                        "l2"."version",
                        "l2"."name",
                        "l2"."label",
                        array_to_json(
                          ARRAY [ json_build_array(13, "l2"."v13"),
                          json_build_array(
                            14,
                            (
                              SELECT
                                json_build_object(
                                  'take',
                                  $2::bigint,
                                  'backward',
                                  $3::boolean,
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
                                    (
                                      "tasks"."id" IN (
                                        SELECT
                                          "task_tags"."task_id"
                                        FROM
                                          "task_tags"
                                        WHERE
                                          "task_tags"."tag_id" = "l2"."id"
                                      )
                                      AND ("tasks"."deleted_at" IS NULL)
                                    )
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
              )
              ORDER BY
                n
            ),
            '[]'
          )
        FROM
          (
            SELECT
              *
            FROM
              unnest($4)
            WITH
            ORDINALITY
          ) AS "l1"(id, n)
      )
    ),
    json_build_array(
      17,
      (
        SELECT
          coalesce(
            (
              SELECT
                json_build_object('Task', row_to_json(r))
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
                    ("tasks"."id" = "l1"."id")
                ) AS "l2",
                LATERAL (
                  SELECT
                    "l2"."id",
                    "l2"."version",
                    "l2"."title",
                    "l2"."status",
                    "l2"."priority",
                    "l2"."due_date",
                    "l2"."due_at",
                    "l2"."position",
                    array_to_json(
                      ARRAY [ json_build_array(
                        19,
                        (
                          SELECT
                            coalesce(json_agg(row_to_json("l3")), '[]')
                          FROM
                            (
                              SELECT
                                "external_refs"."source",
                                "external_refs"."external_id",
                                "external_refs"."url",
                                "external_refs"."imported_at"
                              FROM
                                "external_refs"
                              WHERE
                                ("external_refs"."record_id" = "l2"."id")
                            ) AS "l3"
                        )
                      ) ] :: json[]
                    ) AS slots
                ) AS r
            ),
            (
              SELECT
                json_build_object('Project', row_to_json("l2"))
              FROM
                (
                  SELECT
                    "projects"."id", "projects"."version", "projects"."title", "projects"."status"
                  FROM
                    "projects"
                  WHERE
                    ("projects"."id" = "l1"."id")
                ) AS "l2"
            ),
            (
              SELECT
                json_build_object('Tag', row_to_json("l2"))
              FROM
                (
                  SELECT
                    "tags"."id", "tags"."version", "tags"."name", "tags"."label"
                  FROM
                    "tags"
                  WHERE
                    ("tags"."id" = "l1"."id")
                ) AS "l2"
            )
          )
        FROM
          (
            SELECT
              "external_refs"."record_id", $5
            FROM
              "external_refs"
            WHERE
              (("external_refs"."source" = $6) AND ("external_refs"."external_id" = ANY($7)))
            LIMIT
              $8
          ) AS "l1"(id, n)
      )
    ) ] :: json[]
  )
