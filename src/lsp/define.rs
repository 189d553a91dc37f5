//! Where a name is defined: surveys that groups list, and files with lists.

use super::place;
use super::project::Projects;
use super::text;
use crate::model::Address;
use crate::yaml;
use lsp_types::{GotoDefinitionResponse, Location, Position, Range, Uri};

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
        ["surveys", _] => {
            let address = Address::survey(written);
            let (place, source) = view.editing.locate(&address, "/name")?;
            let path = view.base.join(&*place.file);
            let path = path.canonicalize().unwrap_or(path);
            (path, text::Text::of(&source).range(place.value))
        }
        [.., _, "file"] => {
            let path = view.path.parent()?.join(written).canonicalize().ok()?;
            // Its first character.
            (path, Range::default())
        }
        _ => return None,
    };
    let place = Location::new(projects.uri(&path)?, range);
    Some(GotoDefinitionResponse::Scalar(place))
}
