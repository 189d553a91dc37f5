//! How things are told apart at a vendor, and how long it works on them.

use crate::model::{Level, SurveySpec, VendorId};

/// How a lost create of something at this level is found at a vendor.
pub fn recognition(vendor: VendorId, level: Level) -> Recognition {
    match (vendor, level) {
        (VendorId::PureSpectrum, _) => Recognition::Content,
        (VendorId::InnovateMr, Level::Group) => Recognition::Never,
        (VendorId::InnovateMr, Level::Container | Level::Survey) | (VendorId::Cint, _) => Recognition::Name,
    }
}

/// Whether a vendor checks targeting before anything is written.
pub fn checks_targeting(vendor: VendorId) -> bool {
    match vendor {
        VendorId::PureSpectrum | VendorId::InnovateMr => false,
        VendorId::Cint => true,
    }
}

/// Something that is looked for by its name.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    /// What it is.
    pub level: Level,
    /// The vendor's id of the survey that holds it; groups only.
    pub parent: Option<&'a str>,
    /// As the manifest wants it.
    pub wanted: &'a SurveySpec,
}

/// How work of a vendor ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waited {
    /// It is done.
    Done,
    /// The vendor gave up.
    Failed {
        /// Its reason.
        why: String,
    },
    /// Patience ended first.
    StillGoing,
}

/// How a vendor lets a lost create be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognition {
    /// Among everything made since, by its content.
    Content,
    /// Among everything there is, by the name we gave it: its title, or a reference.
    Name,
    /// Not at all.
    Never,
}
