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
                "tasks"
              WHERE
                (
                  ("tasks"."deleted_at" IS NULL)
                  AND "tasks"."id" IN (
                    SELECT
                      record_id
                    FROM
                      search_hits($3, $4, '{task}'::record_type[])
                  )
                )
            ),
            'keyed',
            coalesce(json_agg(json_build_array(row_to_json(r), "l1"."cursor")), '[]')
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
              "tasks"."position",
              json_build_array(
                $5::text,
                (
                  SELECT
                    search_score("search_documents"."words", "search_documents"."name", $6, $7, $8)
                  FROM
                    search_documents
                  WHERE
                    record_id = "tasks"."id" AND record_type = 'task'
                ),
                "tasks"."id"
              ) AS "cursor"
            FROM
              "tasks"
            WHERE
              ("tasks"."deleted_at" IS NULL)
              AND "tasks"."id" IN (
                SELECT
                  record_id
                FROM
                  search_hits($9, $10, '{task}'::record_type[])
              )
            ORDER BY
              coalesce(
                (
                  SELECT
                    search_score("search_documents"."words", "search_documents"."name", $11, $12, $13)
                  FROM
                    search_documents
                  WHERE
                    record_id = "tasks"."id" AND record_type = 'task'
                ),
                -1
              ) DESC,
              "tasks"."id" DESC
            LIMIT
              2
          ) AS "l1",
          LATERAL (
            SELECT
              "l1"."id",
              "l1"."version",
              "l1"."title",
              "l1"."status",
              "l1"."priority",
              "l1"."due_date",
              "l1"."due_at",
              "l1"."position"
          ) AS r
      )
    ),
    json_build_array(
      7,
      (
        SELECT
          json_build_object(
            'take',
            $14::bigint,
            'backward',
            $15::boolean,
            'rows',
            coalesce(json_agg(row_to_json("l1")), '[]')
          )
        FROM
          (
            SELECT
              "projects"."id", "projects"."version", "projects"."title", "projects"."status"
            FROM
              "projects"
            WHERE
              ("projects"."deleted_at" IS NULL)
              AND "projects"."id" IN (
                SELECT
                  record_id
                FROM
                  search_hits($16, $17, '{project}'::record_type[])
              )
            ORDER BY
              "projects"."sort_title", "projects"."id"
            LIMIT
              51
          ) AS "l1"
      )
    ),
    json_build_array(
      10,
      (
        SELECT
          json_build_object(
            'take',
            $18::bigint,
            'backward',
            $19::boolean,
            'rows',
            coalesce(json_agg(row_to_json(r)), '[]')
          )
        FROM
          (
            SELECT
              record_type AS kind,
              record_id AS id,
              search_score("search_documents"."words", "search_documents"."name", $20, $21, $22) AS score,
              NULL AS source
            FROM
              search_hits($23, $24, '{task}'::record_type[]) AS search_documents
            WHERE
              "search_documents"."live"
            ORDER BY
              coalesce(search_score("search_documents"."words", "search_documents"."name", $25, $26, $27), -1) DESC,
              "search_documents"."record_type" DESC,
              "search_documents"."record_id" DESC
            LIMIT
              51
          ) AS "l1",
          LATERAL (
            SELECT
              "l1"."score",
              "l1"."source",
              array_to_json(
                ARRAY [ json_build_array(
                  11,
                  CASE
                    "l1"."kind"
                    WHEN 'task' THEN (
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
