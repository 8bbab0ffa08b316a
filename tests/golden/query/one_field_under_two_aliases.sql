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
            coalesce(json_agg(row_to_json(r)), '[]')
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
              AND EXISTS (
                SELECT
                FROM
                  (
                    SELECT
                      "tasks"."parent_id"
                    FROM
                      "tasks"
                    WHERE
                      ("tasks"."deleted_at" IS NULL)
                  ) AS c(k)
                WHERE
                  c.k = "tasks"."id"
              )
            ORDER BY
              "tasks"."position", "tasks"."id"
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
              "l1"."position",
              array_to_json(
                ARRAY [ json_build_array(
                  2,
                  (
                    SELECT
                      json_build_object(
                        'take',
                        $3::bigint,
                        'backward',
                        $4::boolean,
                        'total',
                        (
                          SELECT
                            COUNT(*)
                          FROM
                            "tasks"
                          WHERE
                            ("tasks"."parent_id" = "l1"."id" AND ("tasks"."deleted_at" IS NULL))
                        ),
                        'rows',
                        coalesce(json_agg(row_to_json("l2")), '[]')
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
                          ("tasks"."parent_id" = "l1"."id" AND ("tasks"."deleted_at" IS NULL))
                        ORDER BY
                          "tasks"."position", "tasks"."id"
                        LIMIT
                          2
                      ) AS "l2"
                  )
                ),
                json_build_array(
                  7,
                  (
                    SELECT
                      json_build_object(
                        'take',
                        $5::bigint,
                        'backward',
                        $6::boolean,
                        'rows',
                        coalesce(json_agg(row_to_json("l2")), '[]')
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
                          ("tasks"."parent_id" = "l1"."id" AND ("tasks"."deleted_at" IS NULL))
                        ORDER BY
                          "tasks"."position" DESC, "tasks"."id" DESC
                        LIMIT
                          2
                      ) AS "l2"
                  )
                ) ] :: json[]
              ) AS slots
          ) AS r
      )
    ) ] :: json[]
  )
