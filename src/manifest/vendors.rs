//! What manifests need to know of each vendor: its codebook and its rules. A new vendor is a new arm.

use crate::diag::Rule;
use crate::model::codebook::Codebook;
use crate::model::{SurveySpec, VendorId};
use crate::vendor::purespectrum;
use crate::vendor::purespectrum::limits::Breach;

/// The vendor's questions and answers.
pub(super) fn codebook(vendor: VendorId) -> &'static Codebook {
    match vendor {
        VendorId::PureSpectrum => &purespectrum::codebook::CODEBOOK,
    }
}

/// The vendor's rules that a survey breaks.
pub(super) fn breaches(vendor: VendorId, spec: &SurveySpec) -> Vec<Breach> {
    match vendor {
        VendorId::PureSpectrum => purespectrum::limits::check(spec),
    }
}

/// What the vendor makes of quotas that do not sum to the completes, and of quotas inside each other.
pub(super) struct QuotaRules {
    pub(super) below: Rule,
    pub(super) above: Rule,
    pub(super) any_full_ends: Rule,
}

/// The vendor's rules for sums of quotas.
pub(super) fn quota_rules(vendor: VendorId) -> QuotaRules {
    match vendor {
        VendorId::PureSpectrum => QuotaRules {
            below: purespectrum::limits::SUM_BELOW,
            above: purespectrum::limits::SUM_ABOVE,
            any_full_ends: purespectrum::limits::ANY_FULL_QUOTA_ENDS,
        },
    }
}
