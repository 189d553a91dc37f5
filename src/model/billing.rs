//! Who pays for a survey, and under which number: what manifests call it, and which settings of a marketplace hold it.
//!
//! Promises: what a marketplace has no field for stays in the manifest, in tags and in state; a number by which a lost
//! create is found again is never used for it.

use super::attributes::Attributes;
use super::{VendorId, tags};
use std::collections::BTreeSet;

/// The settings of a marketplace's block that hold parts of `billing:`, as far as it has fields for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Billing {
    /// The purchase order, as invoices name it.
    pub purchase_order: Option<&'static str>,
    /// The project number of whoever orders.
    pub project: Option<&'static str>,
}

/// The key of manifests.
pub const KEY: &str = "billing";

/// So many letters has a part of it at most.
pub const LONGEST: usize = 128;

impl Billing {
    /// No field for any of it.
    pub const NONE: Self = Self {
        purchase_order: None,
        project: None,
    };

    /// Keys below `billing`, each with the setting that holds it.
    pub fn settings(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let all = [("purchase_order", self.purchase_order), ("project", self.project)];
        all.into_iter()
            .filter_map(|(word, setting)| Some((word, setting?)))
    }
}

/// What `billing` calls a setting of a marketplace that holds a part of it; the setting is named by its path.
pub fn word_of(path: &str) -> Option<&'static str> {
    let (vendor, setting) = path.strip_prefix('/')?.split_once('/')?;
    let billing = VendorId::from_key(vendor)?.facts().billing;
    let mut settings = billing.settings();
    settings.find(|(_, own)| *own == setting).map(|(word, _)| word)
}

/// Where such a setting stands in a manifest that says it for all marketplaces.
pub fn said_for_all(path: &str) -> Option<String> {
    word_of(path).map(|word| format!("/{KEY}/{word}"))
}

/// Lets a tag follow the setting of a marketplace that it was made with.
pub fn retag(tags: &mut BTreeSet<String>, path: &str, settings: &Attributes) {
    let (Some(word), Some((_, setting))) = (word_of(path), path.rsplit_once('/')) else {
        return;
    };
    let begins = tags::tag(word, "");
    if let Some(before) = tags.iter().find(|tag| tag.starts_with(&begins)).cloned() {
        tags.remove(&before);
        let value = settings.get(setting).and_then(|value| value.value()?.as_str());
        tags.extend(value.map(|value| tags::tag(word, value)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_follows_the_setting_that_it_was_made_with() {
        crate::marketplace::registry::install();
        let settings = Attributes::from([(
            "billing_id".to_owned(),
            crate::model::Field::Set(serde_json::json!("PO-2")),
        )]);
        let after = |before: &[&str], path| {
            let mut tags = before.iter().map(|tag| (*tag).to_owned()).collect();
            retag(&mut tags, path, &settings);
            tags.into_iter().collect::<Vec<_>>()
        };
        let path = "/purespectrum/billing_id";
        assert_eq!(
            after(&["a", "purchase_order=PO-1"], path),
            ["a", "purchase_order=PO-2"]
        );
        assert_eq!(after(&["a"], path), ["a"]);
        assert_eq!(
            after(&["project=P"], "/purespectrum/external_project_id"),
            [""; 0]
        );
        assert_eq!(
            after(&["purchase_order=PO-1"], "/cint/reference"),
            ["purchase_order=PO-1"]
        );
    }

    #[test]
    fn a_setting_that_holds_a_part_of_it_is_said_for_all() {
        crate::marketplace::registry::install();
        let said = |path| said_for_all(path);
        assert_eq!(
            said("/purespectrum/billing_id").as_deref(),
            Some("/billing/purchase_order")
        );
        assert_eq!(
            said("/purespectrum/external_project_id").as_deref(),
            Some("/billing/project")
        );
        for path in [
            "/purespectrum/category",
            "/cint/reference",
            "/cint/project_reference",
            "/billing_id",
            "/title",
            "",
        ] {
            assert_eq!(said(path), None, "{path}");
        }
    }
}
