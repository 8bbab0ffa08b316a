-- 2 statement(s)
WITH
locked AS (
  SELECT
    *
  FROM
    "tasks"
  WHERE
    ("tasks"."id" = $1) AND ("tasks"."deleted_at" IS NULL)
  FOR NO KEY UPDATE
),
judged AS (
  SELECT DISTINCT
    f.field, (f.field = ANY (s.changed)) IS NOT FALSE AS conflicting
  FROM
    locked AS "tasks",
    LATERAL (
      SELECT
        fields_changed_since('task', id, $2, version) AS changed) AS s,
    LATERAL (
      VALUES
        ('title', "tasks"."title" IS DISTINCT FROM $3),
        ('priority', "tasks"."priority" IS DISTINCT FROM $4::task_priority),
        ('due', "tasks"."due_date" IS DISTINCT FROM $5),
        ('due', "tasks"."due_at" IS DISTINCT FROM $6),
        (
          'tags',
          NOT (((live_tags_of("tasks"."id") @> $7) AND (live_tags_of("tasks"."id") <@ $8)))
        )
    ) AS f(field, differs)
  WHERE
    f.differs AND (s.changed <@ '{position}') IS NOT TRUE
),
written AS (
  UPDATE
    "tasks"
  SET
    "title" = CASE
      WHEN EXISTS (
        SELECT
        FROM
          judged
        WHERE
          conflicting AND field = 'title'
      ) THEN "tasks"."title"
      ELSE $9
    END,
    "priority" = CASE
      WHEN EXISTS (
        SELECT
        FROM
          judged
        WHERE
          conflicting AND field = 'priority'
      ) THEN "tasks"."priority"
      ELSE $10::task_priority
    END,
    "due_date" = CASE
      WHEN EXISTS (
        SELECT
        FROM
          judged
        WHERE
          conflicting AND field = 'due'
      ) THEN "tasks"."due_date"
      ELSE $11
    END,
    "due_at" = CASE
      WHEN EXISTS (
        SELECT
        FROM
          judged
        WHERE
          conflicting AND field = 'due'
      ) THEN "tasks"."due_at"
      ELSE $12
    END,
    "updated_at" = $13
  WHERE
    (
      ("tasks"."id" = $14)
      AND ("tasks"."deleted_at" IS NULL)
      AND (
        (
          SELECT
            COUNT(*)
          FROM
            "judged"
          WHERE
            "judged"."conflicting"
          LIMIT
            $15
        ) >= $16
      )
    )
  RETURNING
    "tasks"."id"
),
unlinked AS (
  DELETE FROM
    "task_tags"
  WHERE
    (
      (
        (
          (
            "task_tags"."task_id" = ANY(
              SELECT
                "written"."id"
              FROM
                "written"
            )
          )
          AND NOT (
            EXISTS (
              SELECT
                "judged"."field", "judged"."conflicting"
              FROM
                "judged"
              WHERE
                ("judged"."conflicting" AND ("judged"."field" = $17))
            )
          )
        )
        AND ("task_tags"."tag_id" != ALL ($18))
      )
      AND (
        "task_tags"."tag_id" = ANY(
          SELECT
            "tags"."id"
          FROM
            "tags"
          WHERE
            ("tags"."deleted_at" IS NULL)
        )
      )
    )
),
kept AS (
  INSERT INTO
    outcomes (key, scope, mutation, input_hash, record_ids, at, merged_fields, conflicting_fields)
  SELECT
    k.key,
    k.scope,
    $19,
    $20,
    $21,
    $22,
    ARRAY(
      SELECT
        field
      FROM
        judged
      WHERE
        NOT conflicting
      ORDER BY
        field
    ),
    ARRAY(
      SELECT
        field
      FROM
        judged
      WHERE
        conflicting
      ORDER BY
        field
    )
  FROM
    unnest($23, $24) AS k(key, scope)
  WHERE
    (
      EXISTS (
        SELECT
        FROM
          "written"
      )
      OR (
        EXISTS (
          SELECT
            ("tasks"."id" = $25)
          FROM
            "tasks"
          WHERE
            ("tasks"."id" = $26) AND ("tasks"."deleted_at" IS NULL)
          FOR NO KEY UPDATE
        )
      )
      AND NOT EXISTS (
        SELECT
        FROM
          judged
        WHERE
          conflicting
      )
    )
    AND (
      SELECT
        bool_and(conflicting)
      FROM
        judged
    ) IS NOT TRUE
  RETURNING
    key
)
SELECT
  json_build_object(
    'written',
    (
      SELECT
        count(*)
      FROM
        written
    ),
    'kept',
    (
      SELECT
        count(*)
      FROM
        kept
    ),
    'merge',
    (
      SELECT
        json_build_object(
          'merged',
          coalesce(
            json_agg(field
              ORDER BY
                field) FILTER (
              WHERE
                NOT conflicting),
            '[]'
          ),
          'conflicting',
          coalesce(
            json_agg(field
              ORDER BY
                field) FILTER (
              WHERE
                conflicting),
            '[]'
          )
        )
      FROM
        judged
    )
  );

SELECT
  json_build_object(
    'slots',
    array_to_json(
      ARRAY [ json_build_array(
        1,
        (
          SELECT
            row_to_json(r)
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
                ("tasks"."id" = $1)
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
                    7,
                    (
                      SELECT
                        coalesce(json_agg(row_to_json("l2")), '[]')
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
                                  "task_tags"."task_id" = "l1"."id"
                              )
                              AND ("tags"."deleted_at" IS NULL)
                            )
                          ORDER BY
                            "tags"."sort_name", "tags"."id"
                        ) AS "l2"
                    )
                  ) ] :: json[]
                ) AS slots
            ) AS r
        )
      ) ] :: json[]
    ),
    'mark',
    json_build_array(
      (
        SELECT
          "settings"."feed_id"
        FROM
          "settings"
      ),
      settled_snapshot()
    ),
    'seen',
    json_build_object(
      'trashed',
      (
        SELECT
          ("tasks"."deleted_at" IS NOT NULL)
        FROM
          "tasks"
        WHERE
          ("tasks"."id" = $2)
      ),
      'kept',
      (
        SELECT
          coalesce(json_agg(row_to_json(k)), '[]')
        FROM
          (
            SELECT
              "outcomes"."scope",
              (("outcomes"."mutation" = $3) AND ("outcomes"."input_hash" = $4)),
              "outcomes"."record_ids",
              "outcomes"."merged_fields",
              "outcomes"."conflicting_fields",
              "outcomes"."recognised"
            FROM
              "outcomes"
            WHERE
              (("outcomes"."key" = $5) AND ("outcomes"."scope" = $6))
          ) AS k(scope, same, records, merged, conflicting, recognised)
      )
    )
  )
