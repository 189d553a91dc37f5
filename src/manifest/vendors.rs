//! What manifests need to know of each vendor: its codebook and its rules. A new vendor is a new arm.

use crate::diag::Rule;
use crate::marketplace::cint;
use crate::marketplace::innovatemr;
use crate::marketplace::purespectrum;
use crate::marketplace::shelf::rules::Breach;
use crate::model::attributes::Attributes;
use crate::model::codebook::Codebook;
use crate::model::{Address, Level, Status, SurveySpec, VendorId};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The vendor's questions and answers.
pub(super) fn codebook(vendor: VendorId) -> &'static Codebook {
    match vendor {
        VendorId::PureSpectrum => &purespectrum::codebook::CODEBOOK,
        VendorId::InnovateMr => &innovatemr::codebook::CODEBOOK,
        VendorId::Cint => &cint::codebook::CODEBOOK,
    }
}

/// The vendor's rules that a survey breaks.
pub(super) fn breaches(vendor: VendorId, level: Level, spec: &SurveySpec) -> Vec<Breach> {
    match vendor {
        VendorId::PureSpectrum => purespectrum::limits::check(spec),
        VendorId::InnovateMr => innovatemr::limits::check(level, spec),
        VendorId::Cint => cint::limits::check(level, spec),
    }
}

/// What it means that a group should be live while the survey that holds it should not.
pub(super) fn container_not_live(container: Option<Status>) -> Breach {
    innovatemr::limits::container_not_live(container)
}

/// The settings of the vendor's block that belong to the survey as a container, or to its groups.
pub(super) fn group_attributes(vendor: VendorId, document: &Value, of_container: bool) -> Attributes {
    let block = document.get(vendor.key());
    let attributes = match vendor {
        VendorId::PureSpectrum => return Attributes::new(),
        VendorId::InnovateMr => innovatemr::options::attributes,
        VendorId::Cint => cint::options::attributes,
    };
    block
        .map(|block| attributes(block, of_container))
        .unwrap_or_default()
}

/// The setting that holds the reference by which the vendor tells things apart, where it has one.
pub(super) fn reference_key(vendor: VendorId, address: &Address) -> Option<&'static str> {
    match vendor {
        VendorId::PureSpectrum | VendorId::InnovateMr => None,
        VendorId::Cint if address.is_group() => Some("reference"),
        VendorId::Cint => Some("project_reference"),
    }
}

/// A name as a reference: one that is too long keeps its beginning and gets a digest.
pub(super) fn reference(name: &str) -> String {
    const LONGEST: usize = 128;
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let digest = Sha256::digest(name.as_bytes());
    let digest: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{digest}", &name[..LONGEST - 9])
}

/// The rule of a vendor that takes days and no times; `None` where it takes times.
pub(super) fn takes_no_times(vendor: VendorId) -> Option<Rule> {
    match vendor {
        VendorId::PureSpectrum => Some(purespectrum::limits::DAYS),
        VendorId::InnovateMr => Some(innovatemr::limits::DATES),
        VendorId::Cint => None,
    }
}

/// Whether the vendor takes the time in field as days.
pub(super) fn takes_days(vendor: VendorId) -> bool {
    match vendor {
        VendorId::PureSpectrum => true,
        VendorId::InnovateMr | VendorId::Cint => false,
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
        VendorId::InnovateMr => QuotaRules {
            below: innovatemr::limits::SUM_BELOW,
            above: innovatemr::limits::SUM_ABOVE,
            any_full_ends: innovatemr::limits::ANY_FULL_QUOTA_ENDS,
        },
        VendorId::Cint => QuotaRules {
            below: cint::limits::SUM_BELOW,
            above: cint::limits::SUM_ABOVE,
            any_full_ends: cint::limits::ANY_FULL_QUOTA_ENDS,
        },
    }
}
