//! A document as a JSON value, for schemas and typed reading, with its pitfalls reported.

use super::node::{Kind, Node, Style};
use super::scalar::{Value as Meaning, trap};
use super::{MAX_DEPTH, MAX_EXPANDED};
use crate::diag::{Diagnostic, Span, code};
use rust_decimal::Decimal;
use serde_json::{Map, Number, Value};

/// How many values may still be made. One budget serves all documents of a file.
#[derive(Debug, Clone, Copy)]
pub struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(MAX_EXPANDED)
    }
}

/// The document as JSON, aliases and merge keys followed. Whole numbers are exact, and so are numbers with a
/// fraction as far as JSON has them; of any other number only its type is right, its exact text stays in the tree.
pub fn to_json(root: Node<'_, '_>, budget: &mut Budget) -> (Option<Value>, Vec<Diagnostic>) {
    let mut maker = Maker {
        budget,
        problems: Vec::new(),
    };
    let value = maker.value(root, MAX_DEPTH, root.span());
    (value.ok(), maker.problems)
}

struct Maker<'b> {
    budget: &'b mut Budget,
    problems: Vec<Diagnostic>,
}

/// The budget is spent; the reason is among the problems.
struct Spent;

impl Maker<'_> {
    fn value(&mut self, node: Node<'_, '_>, depth: usize, used_at: Span) -> Result<Value, Spent> {
        self.spend(used_at, "aliases make too many values out of this file")?;
        let used_at = if matches!(node.kind(), Kind::Alias(_)) {
            node.span()
        } else {
            used_at
        };
        let node = node.target();
        let Some(depth) = depth.checked_sub(1) else {
            return Err(self.spent(used_at, "aliases nest values too deeply"));
        };
        match node.kind() {
            Kind::Scalar(scalar) => {
                if scalar.style == Style::Plain
                    && scalar.tag.is_none()
                    && let Some((meaning, help)) = trap(&scalar.text)
                {
                    let message = format!("older YAML readers see {meaning} here");
                    let problem = Diagnostic::warning(code::YAML_TRAP, message);
                    self.problems
                        .push(problem.at(node.span(), "read as decimal").help(help));
                }
                Ok(scalar_value(&super::scalar::resolve(scalar)))
            }
            Kind::Sequence(_) => {
                let items = node.items();
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    list.push(self.value(item, depth, used_at)?);
                }
                Ok(Value::Array(list))
            }
            Kind::Mapping(_) => {
                let mut map = Map::new();
                self.fill(&mut map, node, depth, used_at)?;
                Ok(Value::Object(map))
            }
            Kind::Alias(_) => Err(self.spent(used_at, "an alias of an alias")),
        }
    }

    /// Adds a mapping's own entries first and merged ones behind, so that what is written wins.
    fn fill(
        &mut self,
        map: &mut Map<String, Value>,
        node: Node<'_, '_>,
        depth: usize,
        used_at: Span,
    ) -> Result<(), Spent> {
        for entry in node.entries().iter().filter(|entry| !entry.merge) {
            if !map.contains_key(entry.key.as_ref()) {
                let value = self.value(node.of(entry), depth, used_at)?;
                map.insert(entry.key.clone().into_owned(), value);
            }
        }
        for entry in node.entries().iter().filter(|entry| entry.merge) {
            let value = node.of(entry);
            let mappings = value.merged();
            if mappings.is_empty() || (!value.is_mapping() && mappings.len() != value.items().len()) {
                let problem =
                    Diagnostic::error(code::YAML_MERGE, "`<<` takes a mapping or a list of mappings");
                self.problems.push(
                    problem
                        .at(value.span(), "not a mapping")
                        .help("name an anchor of a mapping: `<<: *defaults`"),
                );
            }
            let Some(depth) = depth.checked_sub(1) else {
                return Err(self.spent(used_at, "merge keys nest too deeply"));
            };
            for mapping in mappings {
                self.spend(used_at, "merge keys make too many values out of this file")?;
                self.fill(map, mapping, depth, value.span())?;
            }
        }
        Ok(())
    }

    /// Makes one more value.
    fn spend(&mut self, span: Span, message: &str) -> Result<(), Spent> {
        match self.budget.0.checked_sub(1) {
            Some(left) => self.budget.0 = left,
            None => return Err(self.spent(span, message)),
        }
        Ok(())
    }

    fn spent(&mut self, span: Span, message: &str) -> Spent {
        let problem = Diagnostic::error(code::YAML_BUDGET, message);
        self.problems.push(
            problem
                .at(span, "expanded here")
                .help("split the file, or write less through aliases"),
        );
        Spent
    }
}

fn scalar_value(meaning: &Meaning) -> Value {
    match meaning {
        Meaning::Null => Value::Null,
        Meaning::Bool(value) => Value::Bool(*value),
        Meaning::Int(value) => Number::from_i128(*value).map_or_else(fraction, Value::Number),
        Meaning::Decimal(text) => decimal(text).unwrap_or_else(fraction),
        Meaning::Text(text) => Value::String(text.clone()),
    }
}

/// A number with a fraction, where JSON writes it as it was written: `33.3`. One without anything in its fraction is whole.
fn decimal(text: &str) -> Option<Value> {
    let exact: Decimal = text.parse().ok()?;
    if let (true, Ok(whole)) = (exact.is_integer(), i64::try_from(exact)) {
        return Some(Value::from(whole));
    }
    let number = Number::from_f64(text.parse().ok()?)?;
    let same = number.to_string().parse() == Ok(exact);
    same.then_some(Value::Number(number))
}

/// Stands for any other number that is not a 64-bit integer. No field takes one: it is below all bounds.
fn fraction() -> Value {
    Number::from_f64(-0.5).map_or(Value::Null, Value::Number)
}
