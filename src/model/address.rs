//! Names: ours for resources, and which vendor is meant.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A marketplace infield can speak to. Matches on it are exhaustive on purpose: a new vendor is a new variant, and
/// the compiler lists the rest of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum VendorId {
    /// PureSpectrum, Buy API v2.
    PureSpectrum,
    /// InnovateMR, Buyer API v2 (PEGA).
    InnovateMr,
    /// Cint Exchange, Demand API 2025-12-18.
    Cint,
}

impl VendorId {
    /// Every vendor, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::PureSpectrum, Self::InnovateMr, Self::Cint];

    /// The key used in manifests, in `infield.yaml`, in state and in machine formats.
    pub fn key(self) -> &'static str {
        match self {
            Self::PureSpectrum => "purespectrum",
            Self::InnovateMr => "innovatemr",
            Self::Cint => "cint",
        }
    }

    /// The name as the vendor writes it, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::PureSpectrum => "PureSpectrum",
            Self::InnovateMr => "InnovateMR",
            Self::Cint => "Cint",
        }
    }

    /// Whether a survey there is a container of groups, each with its own respondents, price and status.
    pub fn has_groups(self) -> bool {
        match self {
            Self::PureSpectrum => false,
            Self::InnovateMr | Self::Cint => true,
        }
    }

    /// Whether its questions and answers are in a library that differs by locale, so that names can only be resolved when
    /// a plan is made.
    pub fn has_library(self) -> bool {
        match self {
            Self::PureSpectrum => false,
            Self::InnovateMr | Self::Cint => true,
        }
    }

    /// Whether a survey that holds groups has a status of its own, that its groups depend on.
    pub fn containers_have_status(self) -> bool {
        match self {
            Self::PureSpectrum | Self::InnovateMr => true,
            Self::Cint => false,
        }
    }

    /// The vendor with this key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|vendor| vendor.key() == key)
    }
}

impl fmt::Display for VendorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// The name of a resource in the project: `survey`, or `survey/group` where a vendor splits surveys into groups. A survey
/// that several marketplaces field is `survey@vendor` at each of them.
///
/// Names consist of `[a-z0-9-]` and are unique across all kinds of a project, so an address is a safe file name, a
/// safe command-line argument and a stable sort key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Address(String);

impl Address {
    /// The address of a whole survey, or of an exclusion group.
    pub fn survey(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The address of a group inside a survey.
    pub fn group(survey: &str, group: &str) -> Self {
        Self(format!("{survey}/{group}"))
    }

    /// The address of a survey at one of several marketplaces that field it: `survey@vendor`.
    pub fn at(survey: &str, vendor: VendorId) -> Self {
        Self(format!("{survey}@{}", vendor.key()))
    }

    /// The name of the manifest: the part before the slash, without a marketplace.
    pub fn manifest(&self) -> &str {
        let name = self.survey_name();
        name.split('@').next().unwrap_or(name)
    }

    /// The same address without a marketplace, as it is where only one fields the survey.
    pub fn alone(&self) -> Self {
        match self.0.split_once('/') {
            Some((_, group)) => Self::group(self.manifest(), group),
            None => Self::survey(self.manifest()),
        }
    }

    /// The marketplace in the address, where several field the survey.
    pub fn vendor(&self) -> Option<VendorId> {
        self.survey_name()
            .split_once('@')
            .and_then(|(_, key)| VendorId::from_key(key))
    }

    /// The text form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the slash.
    pub fn survey_name(&self) -> &str {
        self.0.split('/').next().unwrap_or(&self.0)
    }

    /// The survey a group belongs to; `None` for what is not a group.
    pub fn parent(&self) -> Option<Self> {
        self.0.split_once('/').map(|(survey, _)| Self(survey.to_owned()))
    }

    /// The name of the group; `None` for what is not a group.
    pub fn group_name(&self) -> Option<&str> {
        self.0.split_once('/').map(|(_, group)| group)
    }

    /// Whether it names a group inside a survey.
    pub fn is_group(&self) -> bool {
        self.0.contains('/')
    }

    /// Whether a name may be part of an address: 1 to 64 characters of `[a-z0-9-]`, not starting or ending with `-`.
    pub fn is_valid_name(name: &str) -> bool {
        !name.is_empty()
            && name.len() <= 64
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !name.starts_with('-')
            && !name.ends_with('-')
    }
}

/// What an address stands for at its vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A survey that is fielded itself.
    Survey,
    /// A survey that only holds groups: it has a title and a status, and costs nothing by itself.
    Container,
    /// A group inside a survey, which is fielded.
    Group,
}

impl Level {
    /// What a survey stands for, whatever its name.
    pub fn of_surveys(vendor: VendorId) -> Self {
        if vendor.has_groups() {
            Self::Container
        } else {
            Self::Survey
        }
    }

    /// What an address stands for.
    pub fn of(vendor: VendorId, address: &Address) -> Self {
        if address.is_group() {
            Self::Group
        } else {
            Self::of_surveys(vendor)
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for good in ["a", "soda-tracker-w3", "2026"] {
            assert!(Address::is_valid_name(good), "{good}");
        }
        for bad in ["", "A", "a_b", "-a", "a-", "a/b", "ä", &"x".repeat(65)] {
            assert!(!Address::is_valid_name(bad), "{bad}");
        }
    }

    #[test]
    fn a_marketplace_is_part_of_the_survey_and_not_of_its_group() {
        let part = Address::group("soda@cint", "us");
        assert_eq!((part.survey_name(), part.manifest()), ("soda@cint", "soda"));
        assert_eq!(part.vendor(), Some(VendorId::Cint));
        assert_eq!(part.alone(), Address::group("soda", "us"));
        assert_eq!(part.parent(), Some(Address::at("soda", VendorId::Cint)));
        assert_eq!(Address::survey("soda").vendor(), None);
    }

    #[test]
    fn vendor_keys_round_trip() {
        for vendor in VendorId::ALL {
            assert_eq!(VendorId::from_key(vendor.key()), Some(vendor));
            assert_eq!(serde_json::to_value(vendor).unwrap(), vendor.key());
        }
    }
}
