//! What manifests need to know of each marketplace: its codebook, its block and its rules.

use crate::diag::{Severity, code};
use crate::marketplace::registry;
use crate::marketplace::shelf::blocks::Block;
use crate::marketplace::shelf::rules::{Breach, Place};
use crate::model::codebook::Codebook;
use crate::model::{Level, Status, VendorId};
use crate::text::hex;
use schemars::Schema;
use serde_json::{Map, Value, json};

/// The questions that editors offer: those of the first marketplace whose questions are the same in every locale.
pub(crate) fn codebook_for_editors() -> Option<&'static Codebook> {
    let known = VendorId::all().iter().find(|vendor| !vendor.has_library());
    known.map(|vendor| registry::of(*vendor).codebook())
}

/// What it means that a group should be live while the survey that holds it should not.
pub(crate) fn container_not_live(vendor: VendorId, container: Option<Status>) -> Breach {
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
pub(crate) fn block(vendor: VendorId, document: &Value, level: Level) -> Block {
    let block = document.get(vendor.key());
    block
        .map(|block| registry::of(vendor).block(block, level))
        .unwrap_or_default()
}

/// Adds the blocks of all vendors to the fields of a schema that stand at a pointer.
pub(crate) fn add_blocks(schema: &mut Value, fields: &str, level: fn(VendorId) -> Level) {
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

/// The marketplaces that have exclusion groups.
pub(crate) fn with_exclusion_groups() -> impl Iterator<Item = VendorId> {
    let all = VendorId::all().iter().copied();
    all.filter(|vendor| vendor.facts().exclusion_groups.is_some())
}

/// Blocks in a group of surveys say where it is made, and nothing else.
pub(crate) fn blocks_of_exclusion_groups() -> Map<String, Value> {
    let block = |vendor: VendorId| {
        let schema = json!({
            "type": ["object", "null"], "additionalProperties": false, "examples": [{}],
            "title": vendor.name(),
            "description": format!(
                "Says that the group is made on {}; left out, it is made where its surveys are fielded.",
                vendor.name()
            ),
        });
        (vendor.key().to_owned(), schema)
    };
    with_exclusion_groups().map(block).collect()
}

/// A name as a reference: one that is too long keeps its beginning and gets a digest.
pub(crate) fn reference(name: &str) -> String {
    const LONGEST: usize = 128;
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    format!("{}-{}", &name[..LONGEST - 9], hex::sha256(name, 4))
}
