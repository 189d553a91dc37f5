//! The stop mark in an object store: one object beside the state, written on condition and again where somebody else was
//! faster.

use super::RemoteStore;
use crate::model::Stops;
use crate::state::StateError;
use crate::state::store::ChangeStops;
use object_store::UpdateVersion;

/// The object.
pub(super) const MARK: &str = "stop.json";

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

#[cfg(test)]
mod tests {
    use super::super::fake::pair;
    use super::*;
    use crate::model::{Pattern, stops::Freeze};
    use crate::state::Store as _;
    use object_store::path::Path;

    #[tokio::test(start_paused = true)]
    async fn somebody_elses_freeze_is_kept_whoever_writes_first() {
        let (one, two, shared) = pair();
        let add = |id: &str| {
            let freeze = Freeze {
                id: id.to_owned(),
                at: "2026-11-29T07:00:00Z".to_owned(),
                by: "ada@one".to_owned(),
                patterns: vec![Pattern::everything()],
                thawed: Vec::new(),
                paused: Vec::new(),
            };
            move |stops: &mut Stops| stops.freezes.push(freeze.clone())
        };
        one.change_stops(&add("a")).await.unwrap();
        // Between our look and our write somebody else writes.
        let mut theirs = two.stops().await.unwrap();
        add("b")(&mut theirs);
        let place = Path::from("acme/production").join(MARK);
        *shared.before.lock().unwrap() = Some((place, theirs.to_bytes()));
        let ours = one.change_stops(&add("c")).await.unwrap();
        let ids = |stops: &Stops| {
            stops
                .freezes
                .iter()
                .map(|freeze| freeze.id.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(ids(&ours), ["a", "b", "c"]);
        assert_eq!(two.stops().await.unwrap(), ours);
    }
}
