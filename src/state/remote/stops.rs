//! The stop mark in an object store: one object beside the state, written on condition and again where somebody else was
//! faster.

use super::RemoteStore;
use crate::model::Stops;
use crate::state::StateError;
use crate::state::store::ChangeStops;
use object_store::UpdateVersion;

/// The object.
const MARK: &str = "stop.json";

/// How often a change is tried against others.
const TRIES: usize = 20;

impl RemoteStore {
    pub(super) async fn stops_now(&self) -> Result<(Stops, Option<UpdateVersion>), StateError> {
        let found = self.read(MARK).await?;
        Ok(found.map_or_else(Default::default, |(bytes, version)| {
            (Stops::parse(&bytes), Some(version))
        }))
    }

    /// A mark that holds nothing any more stays there: removing it could not be made to depend on its version.
    pub(super) async fn change_stops_now(&self, change: &ChangeStops<'_>) -> Result<Stops, StateError> {
        let mut tries = 0;
        loop {
            let (mut stops, version) = self.stops_now().await?;
            let before = stops.clone();
            change(&mut stops);
            if stops == before {
                return Ok(stops);
            }
            tries += 1;
            match self.write(MARK, &stops.to_bytes(), version).await {
                Ok(_) => return Ok(stops),
                Err(StateError::Moved { .. }) if tries < TRIES => {}
                Err(error) => return Err(error),
            }
        }
    }
}
