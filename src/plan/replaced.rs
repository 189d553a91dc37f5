//! Replaced surveys: each is closed by a step of its own, in the plan that replaces it or in a later one.

use super::change::Change;
use super::collected::collected_by;
use super::inputs::Inputs;
use super::note::Note;
use super::step::{Action, Plan, Record, Step};
use crate::model::guard::Guard;
use crate::model::study::Collected;
use crate::model::{Address, LiveSurvey, Reading, Status, SurveySpec, VendorId};

/// The step that closes a survey which was replaced by a new one under the same address.
pub(super) fn closing_step(
    inputs: &Inputs<'_>,
    vendor: VendorId,
    address: &Address,
    live: &LiveSurvey,
    applied: &SurveySpec,
    status: Status,
) -> Step {
    let id = &live.id;
    let reason = format!("survey {id} is replaced by a new one");
    let record = Record::FormerClosed {
        id: id.clone(),
        collected: collected_by(live).collected,
    };
    let collected = live.fielded.filter(|n| *n > 0);
    let paid = collected.map(|n| format!("its {n} completes stay paid"));
    Step {
        id: format!("{address}:close-{id}"),
        changes: vec![Change::status(Some(status), Status::Closed).remark(paid)],
        calls: inputs.markets.of(vendor).out_of_field(
            address,
            live,
            Status::Closed,
            inputs.live.now_at(vendor),
        ),
        guards: vec![Guard::Replace],
        ..Step::new(address, vendor, Action::Close, reason, record).ending(
            inputs.markets.of(vendor),
            live,
            applied,
        )
    }
}

/// Steps for surveys that an earlier, interrupted replacement left behind.
pub(super) fn close_replaced(
    inputs: &Inputs<'_>,
    vendor: VendorId,
    address: &Address,
    former: &[String],
    draft: &mut Plan,
) {
    let blocked = |id: &str, what: String| {
        let message = format!("survey {id}, which was replaced and should be closed, {what}");
        Note::blocked(address, message)
    };
    for id in former {
        let reading = inputs.live.former.get(id);
        let record = Record::FormerClosed {
            id: id.clone(),
            collected: reading
                .and_then(Reading::present)
                .map_or_else(Collected::default, |live| collected_by(live).collected),
        };
        let gone = (address.clone(), record);
        match reading {
            Some(Reading::Present(live)) => match live.status {
                Some(Status::Closed) => draft.bookkeeping.push(gone),
                Some(status) => draft.steps.push(closing_step(
                    inputs,
                    vendor,
                    address,
                    live,
                    &SurveySpec::default(),
                    status,
                )),
                None => draft.notes.push(blocked(
                    id,
                    format!("shows an unknown status: {}", live.status_text),
                )),
            },
            Some(Reading::Absent { .. }) => draft.bookkeeping.push(gone),
            Some(Reading::Unknown { why }) => {
                draft.notes.push(blocked(id, format!("could not be read: {why}")));
            }
            None => draft.notes.push(blocked(id, "was not read".to_owned())),
        }
    }
}
