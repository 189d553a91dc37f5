//! Where a name is defined: surveys that groups list, and files with lists.

use super::place;
use super::project::Projects;
use super::shape;
use super::text;
use crate::manifest::schema::{Kind, SURVEY_MARK};
use crate::model::Address;
use crate::yaml;
use lsp_types::{GotoDefinitionResponse, Location, Position, Range, Uri};

/// Whether a survey is named at a place.
fn survey(spot: &place::Spot<'_, '_>, path: &[String]) -> bool {
    let word = spot.root.get("kind").and_then(|(_, node)| node.scalar());
    let kind = word.and_then(|word| Kind::from_word(&word.text));
    let shape = kind.and_then(|kind| shape::at(kind, path));
    shape.is_some_and(|shape| shape.is(SURVEY_MARK))
}

/// The definition of what stands at a position.
pub(super) fn at(projects: &Projects, uri: &Uri, position: Position) -> Option<GotoDefinitionResponse> {
    let view = projects.view(uri)?;
    let (tree, _) = yaml::parse(view.text.as_str(), yaml::Options::default());
    let (spot, path) = place::find(&tree, view.text.offset(position))?;
    if spot.on_key {
        return None;
    }
    let written = view.text.as_str()[spot.span.range()].trim_matches(['"', '\'']);
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let (path, range) = match parts.as_slice() {
        _ if survey(&spot, &path) => {
            let address = Address::survey(written);
            let (place, source) = view.editing.locate(&address, "/name")?;
            let path = view.base.join(&*place.file);
            let path = path.canonicalize().unwrap_or(path);
            (path, text::Text::of(&source).range(place.value))
        }
        [.., "file"] => {
            let path = view.path.parent()?.join(written).canonicalize().ok()?;
            // Its first character.
            (path, Range::default())
        }
        _ => return None,
    };
    let place = Location::new(projects.uri(&path)?, range);
    Some(GotoDefinitionResponse::Scalar(place))
}
