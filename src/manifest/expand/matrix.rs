//! A matrix: one document that stands for a survey of every combination of its values.
//!
//! Promises: combinations come in the order in which the values are written, the last dimension fastest; a text that is
//! nothing but a placeholder becomes the value itself, with its type; what is wrong is said once, where it stands.

use super::apart;
use super::origin::Origins;
use super::placeholder::{Piece, pieces};
use super::scope::Scope;
use crate::diag::code;
use crate::diag::suggest;
use crate::diag::text::short;
use crate::text::pointer::below;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Most surveys of one document.
const MAX_SURVEYS: usize = 10_000;

/// Combinations that are looked at for every survey, the others being left out.
const LOOKED_AT: usize = 100;

/// The combinations to leave out.
const EXCLUDE: &str = "exclude";

/// A survey of a matrix.
#[derive(Debug, Clone)]
pub(crate) struct Combination {
    /// The survey, without its matrix.
    pub(crate) survey: Value,
    /// Where its values stand.
    pub(crate) origins: Origins,
    /// The names of its values, by dimension; empty for a document without a matrix.
    pub(crate) values: Vec<(String, String)>,
    /// The names it would have with the keys of the matrix in another order.
    pub(crate) orders: Vec<String>,
}

/// A value of a dimension, with the pointer to it.
#[derive(Debug, Clone)]
struct Choice<'v> {
    name: String,
    value: &'v Value,
    pointer: String,
}

type Dimension<'v> = (&'v str, Vec<Choice<'v>>);

/// The surveys of a document; the document itself where it has no matrix. `None` where the matrix is wrong, which is
/// reported.
pub(crate) fn expand(scope: &mut Scope<'_>, mut document: Value) -> Option<Vec<Combination>> {
    let before = scope.errors();
    let Some(matrix) = document.get("matrix") else {
        let mut filling = Filling {
            scope,
            chosen: &[],
            origins: Origins::default(),
            complained: &mut BTreeSet::new(),
        };
        filling.fill(&mut document, "");
        let only = Combination {
            survey: document,
            origins: Origins::default(),
            values: Vec::new(),
            orders: Vec::new(),
        };
        return (scope.errors() == before).then(|| vec![only]);
    };
    let dimensions = dimensions(scope, matrix)?;
    let excluded = excluded(scope, matrix, &dimensions);
    let count = dimensions
        .iter()
        .try_fold(1_usize, |count, (_, choices)| count.checked_mul(choices.len()));
    // What is left out is no survey. Still, nobody waits for billions of combinations to be left out.
    if count.is_none_or(|count| count > MAX_SURVEYS.saturating_mul(LOOKED_AT)) {
        too_many(scope);
        return None;
    }
    let mut template = document.clone();
    let mut base = None;
    if let Value::Object(map) = &mut template {
        map.shift_remove("matrix");
        let names = dimensions.iter().map(|(dimension, _)| *dimension);
        base = apart::name(map, names.collect());
    }
    let mut all = Vec::new();
    let mut complained = BTreeSet::new();
    for index in 0..count.unwrap_or_default() {
        let chosen = combination(&dimensions, index);
        let is_excluded = |out: &BTreeMap<&str, String>| {
            let named = |(dimension, name): (&&str, &String)| {
                chosen
                    .iter()
                    .any(|(other, choice)| other == dimension && choice.name == *name)
            };
            out.iter().all(named)
        };
        if excluded.iter().any(is_excluded) {
            continue;
        }
        if all.len() == MAX_SURVEYS {
            too_many(scope);
            return None;
        }
        let mut filling = Filling {
            scope,
            chosen: &chosen,
            origins: Origins::default(),
            complained: &mut complained,
        };
        let mut survey = template.clone();
        filling.fill(&mut survey, "");
        let origins = filling.origins;
        let values = chosen
            .iter()
            .map(|(dimension, choice)| ((*dimension).to_owned(), choice.name.clone()));
        all.push(Combination {
            orders: base.as_deref().map_or_else(Vec::new, |base| {
                let values = chosen
                    .iter()
                    .map(|(dimension, choice)| (*dimension, slug(&choice.name)));
                apart::orders(base, values.collect())
            }),
            survey,
            origins,
            values: values.collect(),
        });
    }
    if all.is_empty() {
        scope
            .error(code::MATRIX_SHAPE)
            .says("every combination of the matrix is left out")
            .key("/matrix", "no survey remains")
            .help(format!("remove entries of `{EXCLUDE}`"));
    }
    (scope.errors() == before).then_some(all)
}

fn too_many(scope: &mut Scope<'_>) {
    scope
        .error(code::MATRIX_TOO_MANY)
        .says(format!("this matrix stands for more than {MAX_SURVEYS} surveys"))
        .key("/matrix", "too many combinations")
        .help("write several documents, each with a part of it");
}

/// The choices of one combination, counted like the digits of a number.
fn combination<'d, 'v>(dimensions: &'d [Dimension<'v>], index: usize) -> Vec<(&'v str, &'d Choice<'v>)> {
    let mut rest = index;
    let mut chosen: Vec<_> = dimensions
        .iter()
        .rev()
        .map(|(name, choices)| {
            let choice = &choices[rest % choices.len()];
            rest /= choices.len();
            (*name, choice)
        })
        .collect();
    chosen.reverse();
    chosen
}

fn shape(scope: &mut Scope<'_>, pointer: &str, message: String, label: &str, help: &str) {
    scope
        .error(code::MATRIX_SHAPE)
        .says(message)
        .value(pointer, label)
        .help(help);
}

fn dimensions<'v>(scope: &mut Scope<'_>, matrix: &'v Value) -> Option<Vec<Dimension<'v>>> {
    const HELP: &str = "write a list of values for each dimension, such as `market: [us, de]`";
    let before = scope.errors();
    let map = matrix
        .as_object()
        .filter(|map| map.keys().any(|key| key != EXCLUDE));
    let Some(map) = map else {
        let message = "`matrix` must be a mapping from dimensions to lists".to_owned();
        shape(scope, "/matrix", message, "no dimension is in here", HELP);
        return None;
    };
    let mut all = Vec::new();
    for (dimension, values) in map.iter().filter(|(key, _)| *key != EXCLUDE) {
        let pointer = below("/matrix", dimension);
        if !is_word(dimension) {
            scope
                .error(code::MATRIX_SHAPE)
                .says(format!("`{}` is no name for a dimension", short(dimension)))
                .key(&pointer, "not such a name")
                .help("use lower-case letters, digits and underscores, a letter first");
            continue;
        }
        let Some(values) = values.as_array().filter(|values| !values.is_empty()) else {
            let message = format!("`matrix.{dimension}` must be a list with at least one value");
            shape(scope, &pointer, message, "no list of values", HELP);
            continue;
        };
        let mut choices: Vec<Choice<'v>> = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            let pointer = format!("{pointer}/{index}");
            let name = match value {
                Value::Object(map) => map.get("name").and_then(plain),
                other => plain(other),
            };
            let Some(name) = name else {
                let message = format!("a value of `{dimension}` has no name");
                let help = "write a text, a number, or a mapping with a `name`";
                shape(scope, &pointer, message, "without a name", help);
                continue;
            };
            if let Some(first) = choices.iter().find(|choice| slug(&choice.name) == slug(&name)) {
                scope
                    .error(code::MATRIX_SHAPE)
                    .says(format!("`{dimension}` has `{}` twice", short(&name)))
                    .value(&pointer, "again")
                    .also_value(&first.pointer, "first")
                    .help("remove one of them");
                continue;
            }
            choices.push(Choice { name, value, pointer });
        }
        all.push((dimension.as_str(), choices));
    }
    (scope.errors() == before).then_some(all)
}

/// The combinations to leave out: what each entry names, all of it.
fn excluded<'v>(
    scope: &mut Scope<'_>,
    matrix: &'v Value,
    dimensions: &[Dimension<'_>],
) -> Vec<BTreeMap<&'v str, String>> {
    const HELP: &str = "write a list of combinations, such as `exclude: [{market: us, wave: 2}]`";
    let Some(list) = matrix.get(EXCLUDE) else {
        return Vec::new();
    };
    let Some(list) = list.as_array() else {
        let message = format!("`matrix.{EXCLUDE}` must be a list");
        shape(scope, "/matrix/exclude", message, "not a list", HELP);
        return Vec::new();
    };
    let mut all = Vec::new();
    for (index, entry) in list.iter().enumerate() {
        let pointer = format!("/matrix/{EXCLUDE}/{index}");
        let Some(entry) = entry.as_object().filter(|entry| !entry.is_empty()) else {
            let message = format!("an entry of `matrix.{EXCLUDE}` must name values of dimensions");
            shape(scope, &pointer, message, "names none", HELP);
            continue;
        };
        let mut named = BTreeMap::new();
        for (dimension, value) in entry {
            let pointer = below(&pointer, dimension);
            let choices = dimensions
                .iter()
                .find(|(name, _)| name == dimension)
                .map(|(_, choices)| choices);
            let known: Vec<&str> = match choices {
                Some(choices) => choices.iter().map(|choice| choice.name.as_str()).collect(),
                None => dimensions.iter().map(|(name, _)| *name).collect(),
            };
            match plain(value).filter(|name| choices.is_some() && known.contains(&name.as_str())) {
                Some(name) => drop(named.insert(dimension.as_str(), name)),
                None => {
                    let (message, place) = if choices.is_some() {
                        let value = plain(value).unwrap_or_default();
                        let message = format!("`{dimension}` has no value `{}`", short(&value));
                        (message, scope.value(&pointer))
                    } else {
                        let message = format!("the matrix has no dimension `{}`", short(dimension));
                        (message, scope.key(&pointer))
                    };
                    scope
                        .error(code::MATRIX_UNKNOWN_VALUE)
                        .says(message)
                        .at(place, "unknown")
                        .help(format!("there are: {}", suggest::list(known)));
                }
            }
        }
        all.push(named);
    }
    all
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// A text or a number as it is written.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

/// A text as a part of a name.
fn slug(text: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    text.chars().map(plain).collect()
}

/// Puts the values of one combination into a survey.
struct Filling<'f, 's, 'v> {
    scope: &'f mut Scope<'s>,
    chosen: &'f [(&'v str, &'f Choice<'v>)],
    origins: Origins,
    /// Where something was reported already, for another combination.
    complained: &'f mut BTreeSet<String>,
}

impl Filling<'_, '_, '_> {
    fn fill(&mut self, value: &mut Value, pointer: &str) {
        match value {
            Value::String(text) if text.contains("${") => {
                if let Some(filled) = self.filled(text, pointer) {
                    *value = filled;
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.fill(item, &format!("{pointer}/{index}"));
                }
            }
            Value::Object(map) => {
                for (key, value) in map {
                    self.fill(value, &below(pointer, key));
                }
            }
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn filled(&mut self, text: &str, pointer: &str) -> Option<Value> {
        let all: Vec<Piece<'_>> = pieces(text).collect();
        let in_name = ["name", "moved_from"].into_iter().any(|key| {
            let rest = pointer.strip_suffix(key).and_then(|rest| rest.strip_suffix('/'));
            let group = |rest: &str| {
                rest.strip_prefix("/groups/")
                    .is_some_and(|index| !index.contains('/'))
            };
            rest.is_some_and(|rest| rest.is_empty() || group(rest))
        });
        if let [Piece::Placeholder(inside)] = all.as_slice()
            && !in_name
        {
            let (value, from) = self.look_up(inside, pointer)?;
            self.origins.put(pointer.to_owned(), None, from);
            return Some(value);
        }
        let mut out = String::new();
        for piece in all {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Placeholder(inside) => {
                    let (value, _) = self.look_up(inside, pointer)?;
                    let Some(text) = plain(&value) else {
                        let message = format!(
                            "`${{{inside}}}` is neither a text nor a number and cannot be part of a text"
                        );
                        let help = format!("write nothing but `${{{inside}}}` here, or name a text of it");
                        self.complain(message, pointer, help, None);
                        return None;
                    };
                    out.push_str(&if in_name { slug(&text) } else { text });
                }
                Piece::Open(begun) => {
                    let message = format!("`${{{}` has no end", short(begun));
                    let word: String = begun
                        .chars()
                        .take_while(|c| c.is_alphanumeric() || *c == '_')
                        .collect();
                    let word = if word.is_empty() {
                        "market".to_owned()
                    } else {
                        word
                    };
                    let help = format!("close it, as in `${{{word}}}`, or write `$${{` for a plain `${{`");
                    self.complain(message, pointer, help, None);
                    return None;
                }
            }
        }
        Some(Value::from(out))
    }

    /// The value that a placeholder names, and the pointer to it.
    fn look_up(&mut self, inside: &str, pointer: &str) -> Option<(Value, String)> {
        let mut words = inside.trim().split('.');
        let first = words.next().unwrap_or_default();
        let Some((_, choice)) = self.chosen.iter().find(|(dimension, _)| *dimension == first) else {
            if self.chosen.is_empty() {
                let word = if is_word(first) { first } else { "market" };
                let message = format!(
                    "`${{{}}}` stands for a value of a matrix, and there is none here",
                    short(inside)
                );
                let help = format!("add `matrix: {{{word}: [...]}}`, or write `$${{` for a plain `${{`");
                self.complain(message, pointer, help, None);
                return None;
            }
            let names: Vec<&str> = self.chosen.iter().map(|(dimension, _)| *dimension).collect();
            let help = match suggest::nearest(first, names.iter().copied()) {
                Some(near) => format!("did you mean the dimension `{near}`?"),
                None => {
                    let names = suggest::list(names);
                    format!("the matrix has: {names}; write `$${{` for a plain `${{`")
                }
            };
            let message = format!("the matrix has no dimension `{}`", short(first));
            self.complain(message, pointer, help, None);
            return None;
        };
        let (mut value, mut from) = (choice.value, choice.pointer.clone());
        let path: Vec<&str> = words.collect();
        if path.is_empty() && value.is_object() {
            return Some((Value::from(choice.name.clone()), format!("{from}/name")));
        }
        for word in path {
            let Some(inner) = value.get(word) else {
                let known = value
                    .as_object()
                    .map(|map| suggest::list(map.keys().map(String::as_str)));
                let help = match known {
                    Some(known) => format!("it has: {known}"),
                    None => format!("write `${{{first}}}` for the value itself"),
                };
                let message = format!("`{}` of `{first}` has no `{}`", short(&choice.name), short(word));
                self.complain(message, pointer, help, Some(&from));
                return None;
            };
            value = inner;
            from = below(&from, word);
        }
        Some((value.clone(), from))
    }

    fn complain(&mut self, message: String, pointer: &str, help: String, about: Option<&str>) {
        if self.complained.insert(format!("{pointer} {message}")) {
            let told = self.scope.error(code::MATRIX_UNKNOWN_VALUE).says(message);
            let told = told.value(pointer, "wanted here").help(help);
            if let Some(about) = about {
                told.also_value(about, "this value");
            }
        }
    }
}
