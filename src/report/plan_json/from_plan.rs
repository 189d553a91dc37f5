//! From a plan to its machine format, unpacking every field by name: a new one stops the build until somebody decides
//! whether machines should see it.

use super::{
    ActionReport, CallReport, ChangeReport, DriftReport, ExposureReport, Format, GuardReport, MethodReport,
    NoteKindReport, NoteReport, PlanReport, StepReport, SummaryReport,
};
use crate::model::{Call, Method};
use crate::plan::{self, Action, Drift, Drifted, Exposure, Guard, NoteKind, Plan, Step, Summary};
use crate::report::words;

impl From<&Plan> for PlanReport {
    fn from(plan: &Plan) -> Self {
        let Plan {
            environment,
            steps,
            notes,
            exposure,
            unchanged: _,   // counted in the summary
            bookkeeping: _, // remembered without sending anything, so nobody has to approve it
        } = plan;
        Self {
            format: Format::V1,
            reconciliations: Vec::new(),
            estimates: Vec::new(),
            drift: None,
            environment: environment.clone(),
            hash: plan::hash::hash(plan),
            picture: None,
            summary: plan.summary().into(),
            exposure: exposure.iter().map(Into::into).collect(),
            steps: steps.iter().map(Into::into).collect(),
            notes: notes.iter().map(Into::into).collect(),
        }
    }
}

impl From<&Drift> for PlanReport {
    fn from(drift: &Drift) -> Self {
        let Drift {
            environment,
            drifted,
            notes,
            exposure,
            unchanged,
        } = drift;
        let plan = Plan {
            environment: environment.clone(),
            steps: Vec::new(),
            notes: notes.clone(),
            exposure: exposure.clone(),
            unchanged: unchanged.clone(),
            bookkeeping: Vec::new(),
        };
        Self {
            drift: Some(drifted.iter().map(Into::into).collect()),
            ..Self::from(&plan)
        }
    }
}

impl From<&Drifted> for DriftReport {
    fn from(drifted: &Drifted) -> Self {
        let Drifted {
            address,
            vendor,
            moves,
        } = drifted;
        let changes = moves.iter().flat_map(|moved| &moved.changes);
        Self {
            address: address.to_string(),
            vendor: vendor.key().to_owned(),
            changes: changes.map(Into::into).collect(),
        }
    }
}

impl From<Summary> for SummaryReport {
    fn from(summary: Summary) -> Self {
        let Summary {
            create,
            update,
            replace,
            launch,
            pause,
            close,
            forget,
            unchanged,
            calls,
        } = summary;
        Self {
            create,
            update,
            replace,
            launch,
            pause,
            close,
            forget,
            unchanged,
            calls,
        }
    }
}

impl From<&Exposure> for ExposureReport {
    fn from(exposure: &Exposure) -> Self {
        let Exposure { before, after } = exposure;
        Self {
            currency: after.currency.code().to_owned(),
            before: before.plain(),
            after: after.plain(),
            change: words::exposure_change(exposure).plain(),
        }
    }
}

impl From<&Step> for StepReport {
    fn from(step: &Step) -> Self {
        let Step {
            id,
            address,
            vendor,
            action,
            reason,
            changes,
            calls,
            resumes,
            hidden: _, // of interest to the state only
            depends_on,
            guards,
            adds_exposure: _, // part of `exposure`
            record: _,        // of interest to the state only
        } = step;
        Self {
            id: id.clone(),
            address: address.to_string(),
            vendor: vendor.key().to_owned(),
            action: (*action).into(),
            reason: reason.clone(),
            changes: changes.iter().map(Into::into).collect(),
            calls: calls.iter().chain(resumes).map(Into::into).collect(),
            depends_on: depends_on.clone(),
            guards: guards.iter().map(|guard| (*guard).into()).collect(),
        }
    }
}

impl From<Action> for ActionReport {
    fn from(action: Action) -> Self {
        match action {
            Action::Create => Self::Create,
            Action::Update => Self::Update,
            Action::Replace => Self::Replace,
            Action::Launch => Self::Launch,
            Action::Resume => Self::Resume,
            Action::Pause => Self::Pause,
            Action::Close => Self::Close,
            Action::Forget => Self::Forget,
        }
    }
}

impl From<&plan::Change> for ChangeReport {
    fn from(change: &plan::Change) -> Self {
        let plan::Change {
            path,
            before,
            after,
            remark,
            drift,
        } = change;
        Self {
            path: path.clone(),
            before: before.clone(),
            after: after.clone(),
            remark: remark.clone(),
            drift: *drift,
        }
    }
}

impl From<&Call> for CallReport {
    fn from(call: &Call) -> Self {
        let Call {
            method,
            path,
            body,
            class: _,      // how it may be repeated: apply's business
            returns_id: _, // where the id is found: apply's business
            purpose: _,    // for people
            expects: _,    // what a good answer is: apply's business
            headers,
            otherwise,
            then: _,        // what is waited for: apply's business
            reaches: _,     // what a refusal means: apply's business
            may_be_gone: _, // what a refusal means: apply's business
        } = call;
        Self {
            method: (*method).into(),
            path: path.clone(),
            headers: headers.clone(),
            body: body.clone(),
            otherwise: otherwise.as_deref().map(|call| Box::new(call.into())),
        }
    }
}

impl From<Method> for MethodReport {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::Get,
            Method::Post => Self::Post,
            Method::Put => Self::Put,
            Method::Patch => Self::Patch,
            Method::Delete => Self::Delete,
        }
    }
}

impl From<Guard> for GuardReport {
    fn from(guard: Guard) -> Self {
        match guard {
            Guard::Launch => Self::Launch,
            Guard::Close => Self::Close,
            Guard::Replace => Self::Replace,
            Guard::EditLiveTargeting => Self::EditLiveTargeting,
            Guard::Exposure => Self::Exposure,
            Guard::Reconcile => Self::Reconcile,
            Guard::AcceptList => Self::AcceptList,
        }
    }
}

impl From<&plan::Note> for NoteReport {
    fn from(note: &plan::Note) -> Self {
        let plan::Note {
            address,
            kind,
            message,
            help,
            path,
        } = note;
        Self {
            address: address.to_string(),
            kind: (*kind).into(),
            message: message.clone(),
            help: help.clone(),
            path: path.clone(),
        }
    }
}

impl From<NoteKind> for NoteKindReport {
    fn from(kind: NoteKind) -> Self {
        match kind {
            NoteKind::Refused => Self::Refused,
            NoteKind::Blocked => Self::Blocked,
            NoteKind::Drift => Self::Drift,
            NoteKind::Unsupported => Self::Unsupported,
            NoteKind::Unmanaged => Self::Unmanaged,
            NoteKind::Advice => Self::Advice,
        }
    }
}
