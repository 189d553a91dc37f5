//! Surveys that a replacement leaves behind: each is closed by a step of its own, now or in a later plan.

use super::market::Move;
use super::survey::Drafted;
use super::{Action, Change, Guard, Inputs, Note, NoteKind, Record, Step, exposure};
use crate::model::{Address, LiveSurvey, Reading, Status, SurveySpec, VendorId};
use serde_json::Value;

/// The step that closes a survey which a new one under the same address stands in for.
pub(super) fn closing_step(
    inputs: &Inputs<'_>,
    vendor: VendorId,
    address: &Address,
    live: &LiveSurvey,
    applied: &SurveySpec,
    status: Status,
) -> Step {
    let id = &live.id;
    Step {
        id: format!("{address}:close-{id}"),
        address: address.clone(),
        vendor,
        action: Action::Close,
        reason: format!("survey {id} is replaced by a new one"),
        changes: vec![Change {
            path: "/status".to_owned(),
            before: Value::from(status.to_string()),
            after: Value::from(Status::Closed.to_string()),
            remark: live
                .fielded
                .filter(|n| *n > 0)
                .map(|n| format!("its {n} completes stay paid")),
            drift: false,
        }],
        calls: inputs.markets.of(vendor).set_status(&Move {
            address,
            id,
            live: Some(live),
            after: &live.spec,
            to: Status::Closed,
            as_of: inputs.live.as_of,
        }),
        resumes: Vec::new(),
        hidden: Vec::new(),
        depends_on: Vec::new(),
        guards: vec![Guard::Replace],
        adds_exposure: exposure::ended(live, applied),
        record: Record::FormerClosed { id: id.clone() },
    }
}

/// Steps for surveys that an earlier, interrupted replacement left behind.
pub(super) fn close_former(
    inputs: &Inputs<'_>,
    vendor: VendorId,
    address: &Address,
    former: &[String],
    draft: &mut Drafted,
) {
    let blocked = |id: &str, what: String| {
        let message = format!("survey {id}, which was replaced and should be closed, {what}");
        Note::new(address, NoteKind::Blocked, message)
    };
    for id in former {
        let gone = (address.clone(), Record::FormerClosed { id: id.clone() });
        match inputs.live.former.get(id) {
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
