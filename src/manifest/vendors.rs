//! What manifests need to know of each vendor: its codebook and its rules. A new vendor is a new arm.

use crate::diag::Rule;
use crate::model::attributes::Attributes;
use crate::model::codebook::Codebook;
use crate::model::{Level, Status, SurveySpec, VendorId};
use crate::vendor::innovatemr;
use crate::vendor::purespectrum;
use crate::vendor::rules::Breach;
use serde_json::Value;

/// The vendor's questions and answers.
pub(super) fn codebook(vendor: VendorId) -> &'static Codebook {
    match vendor {
        VendorId::PureSpectrum => &purespectrum::codebook::CODEBOOK,
        VendorId::InnovateMr => &innovatemr::codebook::CODEBOOK,
    }
}

/// The vendor's rules that a survey breaks.
pub(super) fn breaches(vendor: VendorId, level: Level, spec: &SurveySpec) -> Vec<Breach> {
    match vendor {
        VendorId::PureSpectrum => purespectrum::limits::check(spec),
        VendorId::InnovateMr => innovatemr::limits::check(level, spec),
    }
}

/// What it means that a group should be live while the survey that holds it should not.
pub(super) fn container_not_live(_vendor: VendorId, container: Option<Status>) -> Breach {
    innovatemr::limits::container_not_live(container)
}

/// The settings of the vendor's block that belong to the survey as a container, or to its groups.
pub(super) fn group_attributes(vendor: VendorId, document: &Value, of_container: bool) -> Attributes {
    let block = document.get(vendor.key());
    block
        .map(|block| innovatemr::options::attributes(block, of_container))
        .unwrap_or_default()
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
        VendorId::InnovateMr => QuotaRules {
            below: innovatemr::limits::SUM_BELOW,
            above: innovatemr::limits::SUM_ABOVE,
            any_full_ends: innovatemr::limits::ANY_FULL_QUOTA_ENDS,
        },
    }
}
