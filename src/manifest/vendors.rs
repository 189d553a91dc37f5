//! What manifests need to know of each marketplace: its codebook, its block and its rules.

use crate::diag::{Rule, Severity, code};
use crate::marketplace::registry;
use crate::marketplace::shelf::blocks::{Block, OwnSettings};
use crate::marketplace::shelf::rules::{Breach, Place, QuotaRules};
use crate::model::codebook::Codebook;
use crate::model::{Level, Status, SurveySpec, VendorId};
use crate::text::hex;
use schemars::Schema;
use serde_json::{Map, Value, json};

/// The vendor's questions and answers.
pub(super) fn codebook(vendor: VendorId) -> &'static Codebook {
    registry::of(vendor).codebook()
}

/// The questions that editors offer: those of the first marketplace whose questions are the same in every locale.
pub(super) fn codebook_for_editors() -> Option<&'static Codebook> {
    let known = VendorId::all().iter().find(|vendor| !vendor.has_library());
    known.map(|vendor| codebook(*vendor))
}

/// The vendor's rules that a survey breaks.
pub(super) fn breaches(vendor: VendorId, level: Level, spec: &SurveySpec) -> Vec<Breach> {
    registry::of(vendor).breaches(level, spec)
}

/// What it means that a group should be live while the survey that holds it should not.
pub(super) fn container_not_live(vendor: VendorId, container: Option<Status>) -> Breach {
    let shown = container.map_or_else(|| "has no status".to_owned(), |status| format!("is {status}"));
    Breach {
        severity: Severity::Error,
        code: code::SURVEY_LAUNCH_INCOMPLETE,
        message: format!("a group cannot be live while its survey {shown}"),
        place: Place::Field("status"),
        label: "cannot go live alone".to_owned(),
        also: None,
        missing: Vec::new(),
        help: "set `status: live` for the survey as well; groups that should wait say `status: draft`"
            .to_owned(),
        rule: registry::of(vendor).containers_lead(),
    }
}

/// What the vendor's block says.
pub(super) fn block(vendor: VendorId, document: &Value, level: Level) -> Block {
    let block = document.get(vendor.key());
    block
        .map(|block| registry::of(vendor).block(block, level))
        .unwrap_or_default()
}

/// Adds the blocks of all vendors to the fields of a schema that stand at a pointer.
pub(super) fn add_blocks(schema: &mut Value, fields: &str, level: fn(VendorId) -> Level) {
    let Some(Value::Object(fields)) = schema.pointer_mut(fields) else {
        return;
    };
    for vendor in VendorId::all() {
        let level = level(*vendor);
        let mut block = registry::of(*vendor).block_schema(level);
        if level == Level::Group {
            // Keywords stand in the order of those around them.
            block = block
                .and_then(|block| Schema::try_from(block).ok())
                .and_then(|schema| serde_json::to_value(schema).ok());
        }
        fields.extend(block.map(|block| (vendor.key().to_owned(), block)));
    }
}

/// The marketplaces that have exclusion groups; the first is where a group is made that names none.
pub(super) fn with_exclusion_groups() -> impl Iterator<Item = VendorId> {
    let all = VendorId::all().iter().copied();
    all.filter(|vendor| vendor.facts().has_exclusion_groups)
}

/// Blocks in a group of surveys say where it is made, and nothing else.
pub(super) fn blocks_of_exclusion_groups() -> Map<String, Value> {
    let block = |(index, vendor): (usize, VendorId)| {
        let also = if index == 0 {
            ", which is also the default"
        } else {
            ""
        };
        let schema = json!({
            "type": ["object", "null"], "additionalProperties": false, "examples": [{}],
            "title": vendor.name(),
            "description": format!("Says that the group is made on {}{also}.", vendor.name()),
        });
        (vendor.key().to_owned(), schema)
    };
    with_exclusion_groups().enumerate().map(block).collect()
}

/// Schemas of the settings of an account that only this vendor has.
pub(super) fn settings_schema(vendor: VendorId) -> OwnSettings {
    registry::of(vendor).settings_schema()
}

/// Whether those settings mean something; the key of the first that does not, and why.
pub(super) fn check_settings(vendor: VendorId, settings: &OwnSettings) -> Result<(), (&'static str, String)> {
    registry::of(vendor).check_settings(settings)
}

/// A name as a reference: one that is too long keeps its beginning and gets a digest.
pub(super) fn reference(name: &str) -> String {
    const LONGEST: usize = 128;
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    format!("{}-{}", &name[..LONGEST - 9], hex::sha256(name, 4))
}

/// The rule of a vendor that takes days and no times; `None` where it takes times.
pub(super) fn takes_no_times(vendor: VendorId) -> Option<Rule> {
    registry::of(vendor).takes_no_times()
}

/// The vendor's rules for sums of quotas.
pub(super) fn quota_rules(vendor: VendorId) -> QuotaRules {
    registry::of(vendor).quota_rules()
}
