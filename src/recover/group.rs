//! Lost creates of exclusion groups, where the vendor chooses their ids: they are found by the reference that infield gave them.
//!
//! Infield makes a group only while none has its reference. One that has it afterwards is what the create made; that there is
//! none proves something only once the lists had time to settle.

use super::outcome::{Announced, Outcome, settling_for, undecided};
use super::search::Search;
use crate::model::{DesiredGroup, Intent, Reading, Resource, ResourceKind, VendorId};
use jiff::SignedDuration;

/// What became of the create of a group.
pub(super) async fn recover<S: Search>(
    vendor: VendorId,
    intent: &Intent,
    reader: Option<&S>,
    alone_for: Option<SignedDuration>,
) -> Outcome {
    let Some(group) = &intent.group else {
        return undecided("it is no exclusion group");
    };
    let Some(reader) = reader else {
        return undecided(format!(
            "this environment configures no {} account",
            vendor.name()
        ));
    };
    match reader.group(&group.reference).await {
        // What it holds nobody has seen; the next plan compares it.
        Reading::Present(_) => Outcome::Made {
            resource: Box::new(Resource {
                vendor,
                kind: ResourceKind::Group(DesiredGroup {
                    members: Vec::new(),
                    ..group.clone()
                }),
                id: group.reference.clone(),
            }),
        },
        Reading::Unknown { why } => undecided(format!("the vendor's groups could not be read: {why}")),
        Reading::Absent { .. } => {
            let settle = SignedDuration::try_from(reader.lists_settle_after()).unwrap_or(SignedDuration::MAX);
            let settling = settling_for(Announced::of(intent), reader.vendor_now(), alone_for);
            let wait = settle.saturating_sub(settling);
            match wait > SignedDuration::ZERO {
                true => Outcome::TooSoon { wait },
                false => Outcome::NotMade,
            }
        }
    }
}
