//! Colours for what a highlighter of YAML does not tell apart: names, answers, and money.

use super::place;
use super::project::Projects;
use super::text::Text;
use crate::diag::Span;
use crate::manifest::schema::SURVEY_MARK;
use crate::yaml::{self, Node};
use lsp_types::{SemanticToken, SemanticTokenType, SemanticTokens, SemanticTokensLegend, Uri};

use super::shape::{self, Shape};

/// What is told apart, by its number in the legend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Name = 0,
    Question = 1,
    Answer = 2,
    Money = 3,
}

/// What the numbers of tokens mean.
pub(super) fn legend() -> SemanticTokensLegend {
    SemanticTokensLegend {
        token_types: vec![
            SemanticTokenType::CLASS,
            SemanticTokenType::PROPERTY,
            SemanticTokenType::ENUM_MEMBER,
            SemanticTokenType::NUMBER,
        ],
        token_modifiers: Vec::new(),
    }
}

/// The tokens of a text.
pub(super) fn of(projects: &Projects, uri: &Uri) -> Option<SemanticTokens> {
    let view = projects.view(uri)?;
    let (tree, _) = yaml::parse(view.text.as_str(), yaml::Options::default());
    let mut found: Vec<(Span, What)> = Vec::new();
    for root in tree.documents() {
        if let Some(shape) = place::kind(root).and_then(|kind| shape::at(kind, &[] as &[&str])) {
            inside(root, shape, "", &mut found);
        }
    }
    found.sort_unstable();
    Some(SemanticTokens {
        result_id: None,
        data: relative(view.text, &found),
    })
}

fn inside(node: Node<'_, '_>, shape: Shape, key: &str, found: &mut Vec<(Span, What)>) {
    if node.is_alias() {
        return;
    }
    if ["qualifications", "where"].contains(&key) && node.is_mapping() {
        criteria(node, found);
        return;
    }
    if node.scalar().is_some() {
        let what = if shape.is(SURVEY_MARK) || key == "name" || key == "moved_from" {
            Some(What::Name)
        } else if shape.is_money() {
            Some(What::Money)
        } else {
            None
        };
        found.extend(what.map(|what| (node.span(), what)));
    }
    for entry in node.entries() {
        if let Some(below) = shape.below(&entry.key) {
            inside(node.of(entry), below, &entry.key, found);
        }
    }
    for item in node.items() {
        if let Some(below) = shape.below("-") {
            inside(item, below, key, found);
        }
    }
}

fn criteria(node: Node<'_, '_>, found: &mut Vec<(Span, What)>) {
    for entry in node.entries().iter().filter(|entry| !entry.merge) {
        found.push((entry.key_span, What::Question));
        let value = node.of(entry);
        if value.is_alias() {
            continue;
        }
        let answers = value
            .items()
            .chain(Some(value))
            .filter(|answer| !answer.is_alias());
        let answers = answers.filter(|answer| answer.scalar().is_some());
        found.extend(answers.map(|answer| (answer.span(), What::Answer)));
    }
}

/// The tokens, each told by its distance from the one before. What takes several lines is left out.
fn relative(text: &Text, found: &[(Span, What)]) -> Vec<SemanticToken> {
    let mut tokens = Vec::with_capacity(found.len());
    let (mut line, mut column) = (0, 0);
    for (span, what) in found {
        let range = text.range(*span);
        let (start, end) = (range.start, range.end);
        if span.is_empty() || start.line != end.line || (start.line, start.character) < (line, column) {
            continue;
        }
        let delta_line = start.line - line;
        tokens.push(SemanticToken {
            delta_line,
            delta_start: start.character - if delta_line == 0 { column } else { 0 },
            length: end.character - start.character,
            token_type: *what as u32,
            token_modifiers_bitset: 0,
        });
        (line, column) = (start.line, start.character);
    }
    tokens
}
