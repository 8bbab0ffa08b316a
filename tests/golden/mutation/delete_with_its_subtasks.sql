-- 2 statement(s)
WITH
written AS (
  UPDATE
    "tasks"
  SET
    "deleted_at" = $1, "trashed_with" = $2, "updated_at" = $3
  WHERE
    (("tasks"."deleted_at" IS NULL) AND ("tasks"."id" = ANY(
          SELECT
            task_family($4))))
  RETURNING
    "tasks"."id"
)
SELECT
  json_build_object(
    'written',
    (
      SELECT
        count(*)
      FROM
        written
    )
  );

SELECT
  json_build_object(
    'slots',
    array_to_json(
      ARRAY [ json_build_array(
        2,
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
                          8,
                          (
                            SELECT
                              json_build_object('total', COUNT(*))
                            FROM
                              "tasks"
                            WHERE
                              ("tasks"."parent_id" = "l2"."id" AND ("tasks"."deleted_at" IS NULL))
                          )
                        ) ] :: json[]
                      ) AS slots
                  ) AS r
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
      'purged',
      EXISTS (
        SELECT
          "changes"."seq",
          "changes"."xid",
          "changes"."record_type",
          "changes"."record_id",
          "changes"."version",
          "changes"."fields",
          "changes"."op",
          "changes"."at"
        FROM
          "changes"
        WHERE
          (("changes"."record_id" = $3) AND ("changes"."record_type" = $4::record_type))
      )
    )
  )
