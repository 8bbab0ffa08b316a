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
                ("tasks"."deleted_at" IS NOT NULL)
            ),
            'rows',
            coalesce(json_agg(row_to_json("l1")), '[]')
          )
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
              ("tasks"."deleted_at" IS NOT NULL)
            ORDER BY
              "tasks"."position", "tasks"."id"
            LIMIT
              51
          ) AS "l1"
      )
    ),
    json_build_array(
      5,
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
            TRUE
        )
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
            coalesce(json_agg(row_to_json("l1")), '[]')
          )
        FROM
          (
            SELECT
              "projects"."id", "projects"."version", "projects"."title", "projects"."status"
            FROM
              "projects"
            WHERE
              ("projects"."deleted_at" IS NOT NULL)
            ORDER BY
              "projects"."sort_title", "projects"."id"
            LIMIT
              51
          ) AS "l1"
      )
    ) ] :: json[]
  )
