//! What every command does that changes something at a vendor: lock the state, connect, work, and put everything back in
//! its place.
//!
//! Promises that the lock is given back and what was committed is folded however the work ends. What the work is, is left
//! to the commands.

use super::exit::Exit;
use super::project::{self, Opened, Vendors};
use super::ui::{Stop, Ui};
use crate::state::Keeper;

/// Works on the locked state with connected vendors. A problem of the work is told rather than one of the end.
pub(super) async fn locked(
    opened: &Opened,
    purpose: &str,
    ui: &Ui,
    work: impl AsyncFnOnce(&Keeper, &Vendors) -> Result<Exit, Stop>,
) -> Result<Exit, Stop> {
    let store = opened.store()?;
    let lineage = uuid::Uuid::new_v4().to_string();
    let info = project::lock_info(purpose);
    let keeper = Keeper::open_locked(store, &opened.environment, lineage, &info).await?;
    let outcome = async {
        let vendors = opened.connect(ui).await?;
        let outcome = work(&keeper, &vendors).await;
        vendors.close().await;
        outcome
    }
    .await;
    let folded = keeper.close().await;
    let exit = outcome?;
    folded?;
    Ok(exit)
}
