//! Many new records at once, each done once under the id that its client made.

use super::{Replay, outcomes};
use crate::error::Result;
use crate::query::entity::Entity;
use crate::query::input::Inputs;
use crate::scalar::DateTime;
use crate::write::Needs;
use async_graphql::Value;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::{HashMap, HashSet};

/// The keys of new records, by the places of their inputs.
#[derive(Debug, Default)]
pub(crate) struct Made(Vec<(usize, Replay)>);

impl Made {
    /// Those of inputs of a mutation that makes one record; none of one whose id the server makes.
    pub(crate) fn of<E: Entity>(mutation: &str, made: &[&Value], inputs: &Inputs) -> Self {
        let replay = |made: &&Value| Replay::new::<E>(None, (mutation, made), Needs::New, inputs);
        let replays = made.iter().map(replay);
        Self(replays.enumerate().filter(|(_, replay)| replay.made.is_some()).collect())
    }

    fn keys(&self) -> Vec<uuid::Uuid> {
        self.0.iter().filter_map(|(_, replay)| replay.made).map(|(id, _)| id).collect()
    }

    /// Which of them were made before: the places of their inputs, and whether those were the same.
    pub(crate) async fn before(
        &self,
        connection: &mut AsyncPgConnection,
    ) -> Result<HashMap<usize, bool>> {
        let scope = self.0.iter().find_map(|(_, replay)| replay.made).map(|(_, scope)| scope);
        let Some(scope) = scope else { return Ok(HashMap::new()) };
        let kept = outcomes::table
            .filter(outcomes::key.eq_any(self.keys()).and(outcomes::scope.eq(scope)))
            .select((outcomes::key, (outcomes::mutation, outcomes::input_hash)))
            .load::<(uuid::Uuid, (String, Vec<u8>))>(connection)
            .await?;
        let kept: HashMap<_, _> = kept.into_iter().collect();
        let before = self.0.iter().filter_map(|(place, replay)| {
            let (mutation, hash) = kept.get(&replay.made?.0)?;
            Some((*place, *mutation == replay.mutation && *hash == replay.hash))
        });
        Ok(before.collect())
    }

    /// Keeps those that were not made before.
    pub(crate) async fn keep(
        &self,
        before: &HashMap<usize, bool>,
        now: DateTime,
        connection: &mut AsyncPgConnection,
    ) -> Result<()> {
        let mut met = HashSet::new();
        let new = self
            .0
            .iter()
            .filter(|(place, replay)| !before.contains_key(place) && met.insert(replay.made));
        let values = new.filter_map(|(_, replay)| {
            let (id, scope) = replay.made?;
            Some((
                (outcomes::key.eq(id), outcomes::scope.eq(scope), outcomes::at.eq(now)),
                (outcomes::mutation.eq(&replay.mutation), outcomes::input_hash.eq(&replay.hash)),
                outcomes::record_ids.eq(vec![id]),
            ))
        });
        let values: Vec<_> = values.collect();
        diesel::insert_into(outcomes::table).values(values).execute(connection).await?;
        Ok(())
    }
}
