//! Tries what is configured, side by side: every account with one read, and every place of a state by reading and locking it.
//!
//! Promises: changes nothing at a vendor and nothing in a state, and what does not work keeps nothing else from being tried.

use super::{Project, Stop, Terminal};
use crate::flow::project::SANDBOX;
use crate::model::VendorId;
use crate::report::doctor::{Environment, Finding};
use crate::state::StateError;
use futures_util::future::join;
use futures_util::{StreamExt as _, stream};

/// Tries everything of the project's environment.
///
/// # Errors
/// When there is no such environment.
pub async fn examine(project: &Project, terminal: &dyn Terminal) -> Result<Environment, Stop> {
    let settings = project.settings()?;
    let sandbox = project.environment == SANDBOX;
    let configured = |vendor: &&VendorId| {
        settings.access.contains_key(*vendor) || (sandbox && vendor.facts().emulator.is_some())
    };
    let accounts = &settings.access;
    let examined = |vendor: &'static VendorId| async move {
        let access = accounts.get(vendor);
        let url = access.and_then(|access| access.base_url.clone());
        let own = || match sandbox {
            true => "the emulator inside of this program".to_owned(),
            false => vendor
                .facts()
                .hosts
                .first()
                .copied()
                .unwrap_or_default()
                .to_owned(),
        };
        let tried = probe(project, *vendor, terminal).await;
        let tried = tried.map(|()| "answers, and accepts the credentials".to_owned());
        finding(vendor.key(), vendor.name(), url.unwrap_or_else(own), tried)
    };
    // The emulators inside of this program are one store, which one at a time may open.
    let at_once = if sandbox { 1 } else { usize::MAX };
    let vendors = VendorId::all().iter().filter(configured).map(examined);
    let vendors = stream::iter(vendors).buffered(at_once).collect();
    let (vendors, state) = join(vendors, try_state(project)).await;
    let place = settings
        .state
        .clone()
        .unwrap_or_else(|| project.local().to_string());
    Ok(Environment {
        name: project.environment.clone(),
        state: finding("state", "state", place, state),
        vendors,
    })
}

fn finding(what: &str, name: &str, place: String, tried: Result<String, Stop>) -> Finding {
    let works = tried.is_ok();
    let (message, help) = match tried {
        Ok(message) => (message, None),
        Err(stop) => (stop.message.unwrap_or_default(), stop.help),
    };
    Finding {
        what: what.to_owned(),
        name: name.to_owned(),
        place,
        works,
        message,
        help,
    }
}

/// One read with an account.
async fn probe(project: &Project, vendor: VendorId, terminal: &dyn Terminal) -> Result<(), Stop> {
    let vendors = project.connect_to(&[vendor], terminal).await?;
    let read = match vendors.reader(vendor) {
        Ok(reader) => reader
            .probe()
            .await
            .map_err(|error| Stop::failed(error.to_string())),
        Err(stop) => Err(stop),
    };
    vendors.close().await;
    read
}

/// Reads a state, and takes its lock for a moment. Somebody else's lock is proof enough that there can be one.
async fn try_state(project: &Project) -> Result<String, Stop> {
    let resources = project.peek().await?.resources.len();
    let holder = project.process.holder("doctor");
    let lock = match project.place()?.store.lock(&holder).await {
        Ok(lock) => lock,
        Err(error @ StateError::Locked { .. }) => return Ok(format!("readable; {error}")),
        Err(error) => return Err(error.into()),
    };
    lock.release().await;
    Ok(format!(
        "readable and lockable, {}",
        super::count(resources, "resource")
    ))
}
