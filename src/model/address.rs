//! Names of ours for resources.

use super::VendorId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

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

    /// The name that its own manifest, or its own entry there, gives it.
    pub fn own_name(&self) -> &str {
        self.group_name().unwrap_or_else(|| self.manifest())
    }

    /// The addresses of what is inside this survey.
    pub fn inside<'a, T>(&'a self, all: &'a BTreeMap<Self, T>) -> impl Iterator<Item = &'a Self> {
        let after = all.range(Self::group(self.as_str(), "")..);
        after
            .map(|(address, _)| address)
            .take_while(move |address| address.parent().as_ref() == Some(self))
    }

    /// The same group, or none, in another survey.
    #[must_use]
    pub fn within(&self, survey: &str) -> Self {
        match self.group_name() {
            Some(group) => Self::group(survey, group),
            None => Self::survey(survey),
        }
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
        assert_eq!(part.vendor(), Some(crate::marketplace::CINT));
        assert_eq!(part.alone(), Address::group("soda", "us"));
        assert_eq!(part.parent(), Some(Address::at("soda", crate::marketplace::CINT)));
        assert_eq!(Address::survey("soda").vendor(), None);
    }
}
