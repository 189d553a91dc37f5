//! A project's own rules: expressions over a plan, in the Common Expression Language (CEL).
//!
//! Promises: reading and evaluating one ends, uses neither clock, files nor network, and gives true, false, or why neither can be
//! told. What the values are is left to whoever asks.

use cel::objects::{Key, Map};
use cel::{Context, Program, Value as Cel};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// The value that is one step of a plan.
pub const STEP: &str = "step";
/// The value that is the whole plan.
pub const PLAN: &str = "plan";

/// Longest expression, in characters.
pub const LONGEST: usize = 1000;
/// Deepest nesting of brackets, and longest run of signs before a value.
const DEEPEST: usize = 32;

/// What a rule does where it is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Holds back what it is about.
    Deny,
    /// Says so.
    Warn,
}

/// A rule of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnRule {
    /// Its name.
    pub name: String,
    /// What it does.
    pub effect: Effect,
    /// When, as it is written.
    pub expression: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// An expression that was understood.
#[derive(Debug)]
pub struct Expression(Program);

/// Values that expressions name.
#[derive(Debug, Clone)]
pub struct Known(Cel);

impl Known {
    /// A document as expressions see it: whole numbers are `int`, others `double`.
    pub fn of(value: &Value) -> Self {
        Self(cel(value))
    }
}

fn cel(value: &Value) -> Cel {
    match value {
        Value::Null => Cel::Null,
        Value::Bool(is) => Cel::Bool(*is),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Cel::Int(whole),
            (None, Some(other)) => Cel::Float(other),
            (None, None) => Cel::Null,
        },
        Value::String(text) => Cel::from(text.as_str()),
        Value::Array(items) => Cel::List(Arc::new(items.iter().map(cel).collect())),
        Value::Object(map) => {
            let entries = map
                .iter()
                .map(|(key, value)| (Key::from(key.as_str()), cel(value)));
            let map: HashMap<Key, Cel> = entries.collect();
            Cel::Map(Map { map: Arc::new(map) })
        }
    }
}

/// Memory for the calls of one evaluation, which go deeper than a thread of a pool has room for: an expression of the longest
/// kind takes a tenth of it.
const ROOM: usize = 64 << 20;

/// Does something with expressions where there is room for it. `None` where that ended in a fault of the library.
pub fn with_room<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(ROOM);
        thread.spawn_scoped(scope, work).ok()?.join().ok()
    })
}

impl Expression {
    /// Reads an expression that is about a plan, or about one step of it.
    ///
    /// # Errors
    /// Why it is none, in words.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.chars().count() > LONGEST {
            return Err(format!("it has more than {LONGEST} characters"));
        }
        if is_too_deep(text) {
            return Err(format!("it is nested more than {DEEPEST} levels deep"));
        }
        let compiled = with_room(|| Program::compile(text).map_err(|error| in_short(&error.to_string())));
        let read = Self(compiled.ok_or("it cannot be read")??);
        match read.names(STEP) || read.names(PLAN) {
            true => Ok(read),
            false => Err(format!("it is about neither `{STEP}` nor `{PLAN}`")),
        }
    }

    fn names(&self, variable: &str) -> bool {
        self.0.references().has_variable(variable)
    }

    /// Whether it is about one step, and is asked of each.
    pub fn is_about_steps(&self) -> bool {
        self.names(STEP)
    }

    /// Whether it is true. Asked within [`with_room`].
    ///
    /// # Errors
    /// Why that cannot be told, in words.
    pub fn holds(&self, plan: &Known, step: Option<&Known>) -> Result<bool, String> {
        let mut context = Context::default();
        context.add_variable_from_value(PLAN, plan.0.clone());
        if let Some(step) = step {
            context.add_variable_from_value(STEP, step.0.clone());
        }
        match self.0.execute(&context) {
            Ok(Cel::Bool(holds)) => Ok(holds),
            Ok(other) => Err(format!("it is a {}, and neither true nor false", other.type_of())),
            Err(error) => Err(in_short(&error.to_string())),
        }
    }
}

/// Whether reading it would go deeper than any rule has to.
fn is_too_deep(text: &str) -> bool {
    let (mut open, mut signs) = (0_usize, 0_usize);
    text.chars().any(|c| {
        match c {
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            _ => {}
        }
        signs = match c {
            '!' | '-' => signs + 1,
            c if c.is_whitespace() => signs,
            _ => 0,
        };
        open > DEEPEST || signs > DEEPEST
    })
}

/// The first line of an error without what only the library knows.
fn in_short(error: &str) -> String {
    let line = error.lines().next().unwrap_or_default();
    let bare = line.trim_start_matches("ERROR: <input>:");
    // All that could have stood there is a long list.
    let bare = bare.split(" expecting {").next().unwrap_or(bare);
    let mut letters = bare.chars();
    let first = letters.next().map(|first| first.to_lowercase().to_string());
    let text: String = first.into_iter().chain([letters.collect()]).collect();
    match text.split_once(": ") {
        Some((place, why)) if bare.len() < line.len() => {
            let column = place.split(':').nth(1).unwrap_or(place).to_owned();
            let why = why.trim_start_matches("Syntax error: ");
            format!("{why}, at character {column}")
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(text: &str) -> Result<bool, String> {
        let step = Known::of(&json!({
            "action": "create",
            "survey": {"cpi": 5.5, "completes": 400, "tags": ["wave-3"], "locale": "de-DE"},
        }));
        let plan = Known::of(&json!({"exposure": [{"after": "12.50"}], "steps": [1, 2]}));
        let read = Expression::read(text)?;
        let step = read.is_about_steps().then_some(&step);
        with_room(|| read.holds(&plan, step)).unwrap()
    }

    #[test]
    fn rules_are_true_or_false_or_say_why_not() {
        for (text, is) in [
            ("step.survey.cpi > 5.0", true),
            ("step.survey.cpi > 6", false),
            (
                "step.survey.completes * 2 > 799 && step.survey.locale.startsWith('de')",
                true,
            ),
            ("has(step.survey.field_days) && step.survey.field_days > 5", false),
            ("'wave-3' in step.survey.tags", true),
            ("double(plan.exposure[0].after) > 12.0", true),
            ("size(plan.steps) > 2", false),
        ] {
            assert_eq!(holds(text), Ok(is), "{text}");
        }
        for (text, why) in [
            ("step.survey.nothing > 5", "no such key: nothing"),
            ("step.survey.completes", "it is a int, and neither true nor false"),
            ("stp.survey.cpi > 5.0", "it is about neither `step` nor `plan`"),
            ("true", "it is about neither `step` nor `plan`"),
            ("step.survey.cpi >", "mismatched input '<EOF>', at character 18"),
        ] {
            assert_eq!(holds(text), Err(why.to_owned()), "{text}");
        }
    }

    #[test]
    fn no_text_is_too_much() {
        let within = |text: String| text.chars().take(LONGEST).collect::<String>();
        for text in [
            "(".repeat(5000),
            within("(".repeat(LONGEST)),
            within("!".repeat(LONGEST)),
            within(format!("step.a{}", " || step.a".repeat(200))),
            within(format!("step.a{}", ".a".repeat(600))),
            within(format!("step.a{}", "?step.a:step.a".repeat(200))),
            within("step.a+".repeat(200)),
            within("[".repeat(30) + &"step.a".repeat(100)),
        ] {
            let _ = holds(&text);
        }
    }
}
