//! Why a step did not succeed, and what to do about it, in words for whoever reads it at night.

use super::context::Context;
use crate::marketplace::{VendorError, registry};
use crate::model::call::Until;
use crate::model::{Call, CallClass, VendorId};
use crate::plan::Step;
use crate::state::{Op, StateError};

/// Why a step did not succeed.
pub(super) struct Failure {
    pub(super) problem: String,
    pub(super) help: Option<String>,
    pub(super) unknown: bool,
    /// It was written and does not show, which may be for some seconds only.
    pub(super) may_show_later: bool,
}

impl Failure {
    pub(super) fn new(problem: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            help: None,
            unknown: false,
            may_show_later: false,
        }
    }

    /// What was written does not show.
    pub(super) fn not_shown(problem: impl Into<String>) -> Self {
        Self {
            may_show_later: true,
            ..Self::new(problem)
        }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        Self {
            help: error.help(),
            ..Self::new(error.to_string())
        }
    }
}

/// What a failed call means, and what becomes of its intent.
pub(super) async fn failed_call(
    step: &Step,
    call: &Call,
    error: VendorError,
    intent: Option<String>,
    context: &Context<'_>,
) -> Failure {
    if (call.class == CallClass::Create || intent.is_some()) && error.may_have_happened() {
        return if intent.is_some() {
            unknown_outcome(step, call, &error.to_string())
        } else {
            Failure::new(format!("{} {}: {error}", call.method, call.path)).help(
                "whether it was carried out is not known; the next plan looks and shows what is left to do",
            )
        };
    }
    let failure = Failure::new(format!("{} {}: {error}", call.method, call.path));
    let failure = match explain(step.vendor, &error) {
        Some(help) => failure.help(help),
        None if is_busy(call, &error) => failure.help(
            "the vendor may be at other work on it, perhaps what an interrupted apply has begun: run again in some minutes",
        ),
        None => failure,
    };
    let Some(intent) = intent else { return failure };
    // Certainly nothing was made: the intent is settled.
    match context.keeper.commit(vec![Op::CloseIntent { id: intent }]).await {
        Ok(()) => failure,
        Err(error) => Failure {
            problem: format!("{}; besides, {error}", failure.problem),
            ..failure
        },
    }
}

/// Whether work was not begun because other work goes on.
fn is_busy(call: &Call, error: &VendorError) -> bool {
    let begins = call
        .then
        .as_ref()
        .is_some_and(|then| then.until == Until::Finished);
    begins && matches!(error, VendorError::Refused { status: 409, .. })
}

pub(super) fn unknown_outcome(step: &Step, call: &Call, why: &str) -> Failure {
    let address = &step.address;
    Failure {
        may_show_later: false,
        problem: format!(
            "{} {}: {why}. Whether it was carried out is not known, and it will not be sent again",
            call.method, call.path
        ),
        help: Some(format!(
            "the next plan tries to find out; otherwise `infield state resolve {address} --adopt ID` or `--discard` \
             settles it"
        )),
        unknown: true,
    }
}

/// The vendor has made something, and the state could not be told.
pub(super) fn not_written_down(step: &Step, id: &str, error: StateError) -> Failure {
    let address = &step.address;
    let failure = Failure::from(error);
    Failure {
        problem: format!(
            "{}; the vendor has made {id}, which the state does not know",
            failure.problem
        ),
        help: Some(format!(
            "the next plan tries to find it; otherwise `infield state resolve {address} --adopt {id}` settles it"
        )),
        may_show_later: false,
        unknown: true,
    }
}

/// What to do about an error, where the error itself does not say.
pub(super) fn explain(vendor: VendorId, error: &VendorError) -> Option<String> {
    if let Some(known) = registry::of(vendor).explain(error) {
        return Some(known.to_owned());
    }
    match error {
        VendorError::Credentials { vendor, .. } => Some(format!(
            "check the {vendor} token of this environment: it may be expired or revoked"
        )),
        VendorError::RateLimited(_) => {
            Some("lower `requests_per_second` or `concurrency` of this vendor in infield.yaml".to_owned())
        }
        VendorError::Unreachable(..) => {
            Some("nothing was sent; run again when the vendor can be reached".to_owned())
        }
        VendorError::Withheld(..) => Some(
            "somebody else may be working on this state: run `infield plan` when they are done".to_owned(),
        ),
        VendorError::OutcomeUnknown(..) | VendorError::Server { .. } | VendorError::Undecodable { .. } => {
            Some("run `infield plan`: it reads what is in effect and shows what is left to do".to_owned())
        }
        VendorError::Refused { status: 412, .. } => Some(
            "it has changed since it was read, or an earlier try of this call got through; run `infield plan` to see what \
             is in effect"
                .to_owned(),
        ),
        VendorError::Refused { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marketplace::{INNOVATEMR, PURESPECTRUM};

    #[test]
    fn a_code_is_explained_by_the_vendor_it_belongs_to() {
        let refused = |vendor: VendorId, code| VendorError::Refused {
            vendor: vendor.name(),
            status: 422,
            code: Some(code),
            message: String::new(),
        };
        for code in [1006, 1014, 1018] {
            let help = explain(PURESPECTRUM, &refused(PURESPECTRUM, code));
            assert!(
                help.is_some_and(|help| help.contains("the template rule")),
                "{code}"
            );
            assert_eq!(explain(INNOVATEMR, &refused(INNOVATEMR, code)), None);
        }
        assert_eq!(explain(PURESPECTRUM, &refused(PURESPECTRUM, 1015)), None);
    }
}
