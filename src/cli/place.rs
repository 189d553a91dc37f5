//! Where an environment's state is kept: a folder, or an address in a cloud; the ledgers are beside it.

use super::ui::Stop;
use crate::state::{Ledgers, LocalStore, Store};
use camino::Utf8PathBuf;
use std::sync::Arc;

/// Where a state is kept, and what belongs to it.
pub(super) struct Place {
    /// The state.
    pub(super) store: Arc<dyn Store>,
    /// What was confirmed about transactions.
    pub(super) ledgers: Arc<dyn Ledgers>,
}

impl Place {
    pub(super) fn local(folder: Utf8PathBuf) -> Self {
        Self::of(LocalStore::new(folder))
    }

    fn of<T: Store + Ledgers + 'static>(store: T) -> Self {
        let store = Arc::new(store);
        Self {
            ledgers: Arc::clone(&store) as Arc<dyn Ledgers>,
            store,
        }
    }
}

/// A state at an address. The clouds' settings come from the environment, under the names their own tools use.
pub(super) fn remote(place: &str) -> Result<Place, Stop> {
    if let Some(path) = place.strip_prefix("file://") {
        return Ok(Place::local(path.into()));
    }
    #[cfg(feature = "remote-state")]
    {
        let settings = std::env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(key, _)| {
                ["AWS_", "AZURE_", "GOOGLE_"]
                    .iter()
                    .any(|prefix| key.starts_with(prefix))
            });
        let store =
            crate::state::RemoteStore::open(place, settings).map_err(|e| Stop::failed(e.to_string()))?;
        Ok(Place::of(store))
    }
    #[cfg(not(feature = "remote-state"))]
    Err(Stop::failed(format!(
        "this infield was built without `remote-state` and cannot use {place}"
    )))
}
