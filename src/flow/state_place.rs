//! Where an environment's state is kept: a folder, or an address in a cloud; the ledgers and history are beside it.

use super::{Process, Stop};
use crate::state::{Ledgers, LocalStore, Parts, Store};
use camino::Utf8PathBuf;
use std::sync::Arc;

/// Where a state is kept, and what belongs to it.
pub struct StatePlace {
    /// The state.
    pub store: Arc<dyn Store>,
    /// What was confirmed about transactions.
    pub ledgers: Arc<dyn Ledgers>,
    /// What history consists of.
    pub parts: Arc<dyn Parts>,
}

impl StatePlace {
    /// A folder of this machine.
    pub fn local(folder: Utf8PathBuf) -> Self {
        Self::of(LocalStore::new(folder))
    }

    fn of<T: Store + Ledgers + Parts + 'static>(store: T) -> Self {
        let store = Arc::new(store);
        Self {
            ledgers: Arc::clone(&store) as Arc<dyn Ledgers>,
            parts: Arc::clone(&store) as Arc<dyn Parts>,
            store,
        }
    }

    /// An address. The clouds' settings are variables, under the names that the clouds' own tools use.
    ///
    /// # Errors
    /// When the address is none that this version can use.
    #[cfg_attr(not(feature = "remote-state"), expect(unused_variables))]
    pub fn remote(address: &str, process: &dyn Process) -> Result<Self, Stop> {
        if let Some(path) = address.strip_prefix("file://") {
            return Ok(Self::local(path.into()));
        }
        #[cfg(feature = "remote-state")]
        {
            let settings = process.variables(&["AWS_", "AZURE_", "GOOGLE_"]).into_iter();
            let store = crate::state::RemoteStore::open(address, settings);
            Ok(Self::of(store.map_err(|e| Stop::failed(e.to_string()))?))
        }
        #[cfg(not(feature = "remote-state"))]
        Err(Stop::failed(format!(
            "this infield was built without `remote-state` and cannot use {address}"
        )))
    }
}
