//! The owner's settings as clients change them.

use crate::error::{Error, Result};
use crate::query::request::Request;
use crate::scalar::{ChangeCursor, DateTime, Key, TimeZone};
use crate::settings::{Settings, load, set_time_zone, set_week_start};
use crate::viewer::{Viewer, Weekday};
use crate::write::replay::Replay;
use crate::write::show;
use crate::write::transaction::{Ended, Work, transaction};
use crate::write::user_error::{Constraint, Listed, UserError, UserErrorCode, refusal};
use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono_tz::Tz;
use diesel_async::AsyncPgConnection;

/// Changes of the owner's settings: what is absent is kept.
#[derive(Clone, Debug, InputObject)]
pub struct UpdateSettingsInput {
    /// The same again does nothing more for 30 days, and gives the first answer.
    pub client_mutation_id: Option<Key>,
    /// The owner's zone. Tasks with a due instant move to the day that it has there.
    pub time_zone: Option<TimeZone>,
    /// The first day of the owner's week.
    pub week_start: Option<Weekday>,
}

/// What came of a change of the settings.
#[derive(Debug, SimpleObject)]
pub struct SettingsPayload {
    /// Who is asking, with the owner's settings as they are now; a zone that the request names stays its zone.
    pub viewer: Viewer,
    /// Why it was refused; empty where it was done.
    pub user_errors: Vec<UserError>,
    /// A mark in the change feed: a page of changes whose cursor is at or past it contains this write.
    pub cursor: ChangeCursor,
    /// The client's key of the write, as it was given.
    pub client_mutation_id: Option<Key>,
    /// Whether it was done before under the same key; nothing changes then.
    pub replayed: bool,
}

/// What the constraints on settings mean.
const CONSTRAINTS: &[Constraint] = &[(
    "settings_time_zone_check",
    UserErrorCode::Invalid,
    "timeZone",
    "the database does not know this time zone",
)];

/// The mutation of the settings.
#[derive(Debug, Default)]
pub struct SettingsMutation;

#[Object]
impl SettingsMutation {
    /// Changes the owner's settings. They hold for requests from now on, at once or within a second.
    async fn update_settings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateSettingsInput,
    ) -> Result<SettingsPayload> {
        let request = Request::of(ctx)?;
        let viewer = ctx.data::<Viewer>();
        let viewer = viewer.map_err(|error| Error::Internal(anyhow::anyhow!(error.message)))?;
        let UpdateSettingsInput { client_mutation_id, time_zone, week_start } = input;
        let replay =
            Replay::of_many(client_mutation_id, request.field(ctx)?, &request.engine.inputs);
        let now = DateTime(request.moment.now);
        let zone = time_zone.map(|zone| zone.0);
        let change = Change { zone, week_start: week_start.map(Weekday::into), replay, now };
        let done = transaction(request, &change).await?;
        // What is at hand may be older than what was just done, and than what another did.
        let Settings { time_zone, week_start } =
            load(&mut *request.engine.pool.get().await?).await?;
        let viewer = Viewer { owner_zone: time_zone, week_start, ..viewer.clone() };
        let (_, cursor) = show(request, Vec::new()).await?;
        let Done { replayed, errors: user_errors } = done;
        Ok(SettingsPayload { viewer, user_errors, cursor, client_mutation_id, replayed })
    }
}

/// A change of the settings in its transaction.
struct Change {
    zone: Option<Tz>,
    week_start: Option<chrono::Weekday>,
    replay: Replay,
    now: DateTime,
}

/// What came of it.
#[derive(Debug, Default)]
struct Done {
    replayed: bool,
    errors: Vec<UserError>,
}

impl Work for Change {
    type Done = Done;

    async fn run(&self, connection: &mut AsyncPgConnection) -> Result<Done, Ended<Done>> {
        let refused = |error| Ended::Undone(Done { errors: vec![error], replayed: false });
        match self.replay.begin(connection, self.now).await? {
            Err(error) => return Err(refused(error)),
            Ok(Some(_)) => return Ok(Done { replayed: true, errors: Vec::new() }),
            Ok(None) => {}
        }
        if let Some(zone) = self.zone {
            match set_time_zone(connection, zone).await {
                Err(error @ Error::Constraint { .. }) => {
                    return Err(refused(refusal(
                        error,
                        CONSTRAINTS,
                        &["input"],
                        &Listed::default(),
                    )?));
                }
                set => set?,
            }
        }
        if let Some(day) = self.week_start {
            set_week_start(connection, day).await?;
        }
        Ok(Done::default())
    }
}
