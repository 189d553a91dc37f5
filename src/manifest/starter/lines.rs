//! What new files share: which marketplaces they may begin with, and how a line is written.

use crate::marketplace::registry;
use crate::marketplace::shelf::sample::{Line, Sample};
use crate::model::VendorId;

/// A file to write: its path relative to the project, and its text.
pub type StarterFile = (String, String);

/// The folder of manifests of a new project.
pub const SURVEYS: &str = "surveys";

/// The marketplaces that a new project may begin with, in the order in which they are shown.
pub fn vendors() -> Vec<VendorId> {
    registry::install();
    let all = VendorId::all().iter().copied();
    all.filter(|vendor| sample(*vendor).is_some()).collect()
}

/// What a first survey says at a marketplace.
pub(super) fn sample(vendor: VendorId) -> Option<Sample> {
    registry::of(vendor).sample()
}

/// The line by which editors find a schema.
pub(super) fn schema_line(schema: Option<&str>) -> String {
    schema.map_or_else(String::new, |schema| {
        format!("# yaml-language-server: $schema={schema}\n")
    })
}

/// A line with its comment in a column.
pub(super) fn written(line: &Line<'_>, column: usize) -> String {
    let text = format!("{}: {}", line.key, line.value);
    match line.about {
        "" => text,
        about => format!("{text:column$} # {about}"),
    }
}
