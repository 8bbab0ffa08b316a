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
            'total',
            (
              SELECT
                COUNT(*)
              FROM
                search_hits($3, $4, '{task,project,tag}'::record_type[]) AS search_documents
              WHERE
                "search_documents"."live"
            ),
            'rows',
            coalesce(json_agg(row_to_json(r)), '[]')
          )
        FROM
          (
            SELECT
              record_type AS kind,
              record_id AS id,
              search_score("search_documents"."words", "search_documents"."name", $5, $6, $7) AS score,
              search_source("search_documents"."record_type", "search_documents"."record_id", $8) AS source
            FROM
              search_hits($9, $10, '{task,project,tag}'::record_type[]) AS search_documents
            WHERE
              "search_documents"."live"
            ORDER BY
              coalesce(search_score("search_documents"."words", "search_documents"."name", $11, $12, $13), -1) DESC,
              "search_documents"."record_type" DESC,
              "search_documents"."record_id" DESC
            LIMIT
              21
          ) AS "l1",
          LATERAL (
            SELECT
              "l1"."score",
              "l1"."source",
              array_to_json(
                ARRAY [ json_build_array(
                  5,
                  CASE
                    "l1"."kind"
                    WHEN 'task' THEN (
                      SELECT
                        json_build_object('Task', row_to_json(r))
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
                                AND ("tasks"."due_date" < $14)
                                AND (("tasks"."due_at" < $15) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $16)))
                              )
                            ) IS TRUE AS "v19",
                            (
                              (
                                "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                                AND (
                                  (("tasks"."due_date" >= $17) AND ("tasks"."due_date" < $18))
                                  AND (
                                    (
                                      ("tasks"."due_at" IS NULL)
                                      AND (("tasks"."due_date" >= $19) AND ("tasks"."due_date" < $20))
                                    )
                                    OR (("tasks"."due_at" >= $21) AND ("tasks"."due_at" < $22))
                                  )
                                )
                              )
                            ) IS TRUE AS "v20",
                            "tasks"."project_id" AS "project_id"
                          FROM
                            "tasks"
                          WHERE
                            ("tasks"."id" = "l1"."id")
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
                              ARRAY [ json_build_array(19, "l2"."v19"),
                              json_build_array(20, "l2"."v20"),
                              json_build_array(
                                26,
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
                                30,
                                (
                                  SELECT
                                    coalesce(json_agg(row_to_json("l3")), '[]')
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
                                              "task_tags"."task_id" = "l2"."id"
                                          )
                                          AND ("tags"."deleted_at" IS NULL)
                                        )
                                      ORDER BY
                                        "tags"."sort_name", "tags"."id"
                                    ) AS "l3"
                                )
                              ),
                              json_build_array(
                                36,
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
                              ) ] :: json[]
                            ) AS slots
                        ) AS r
                    )
                    WHEN 'project' THEN (
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
                    )
                    WHEN 'tag' THEN (
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
                  END
                ) ] :: json[]
              ) AS slots
          ) AS r
      )
    ) ] :: json[]
  )
