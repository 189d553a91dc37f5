//! Who pays: tags of it, the budget, and settings of a marketplace that say otherwise.

use super::money::money;
use crate::diag::code;
use crate::diag::text::short;
use crate::manifest::expand::scope::Scope;
use crate::manifest::shape::types::{BillingManifest, SurveyManifest};
use crate::marketplace::shelf::blocks::Block;
use crate::model::{Field, Money, VendorId, billing, tags};
use std::collections::BTreeSet;

/// The tags of a manifest, with those that its billing makes.
pub(super) fn tags(manifest: &SurveyManifest) -> BTreeSet<String> {
    let said = manifest.billing.iter().flat_map(BillingManifest::said);
    let said = said.map(|(word, value)| tags::tag(word, value.trim()));
    manifest.tags.iter().flatten().cloned().chain(said).collect()
}

/// The budget of a manifest.
pub(super) fn budget(scope: &mut Scope<'_>, manifest: &SurveyManifest) -> Option<Money> {
    let written = manifest.billing.as_ref()?.budget.as_deref();
    written.and_then(|written| money(scope, Some(written), &format!("/{}/budget", billing::KEY)))
}

/// Reports a setting of the marketplace's block that says another thing than the billing does.
pub(super) fn check(scope: &mut Scope<'_>, manifest: &SurveyManifest, vendor: VendorId, block: &Block) {
    let Some(said) = &manifest.billing else { return };
    for (word, setting) in vendor.facts().billing.settings() {
        let wanted = said.said().find(|(own, _)| *own == word);
        let own = block.attributes.get(setting);
        let (Some((_, wanted)), Some(own)) = (wanted, own) else {
            continue;
        };
        let same = matches!(own, Field::Set(own) if own.as_str() == Some(wanted));
        if same {
            continue;
        }
        scope
            .error(code::SURVEY_CONFLICTING_POLICY)
            .says(format!(
                "`{}.{word}` is `{}`, and `{vendor}.{setting}` says another",
                billing::KEY,
                short(wanted)
            ))
            .value(&format!("/{vendor}/{setting}"), "says another")
            .also_value(&format!("/{}/{word}", billing::KEY), "than this")
            .help("remove one of them");
    }
}
