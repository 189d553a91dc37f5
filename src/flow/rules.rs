//! A project's own rules over its plans: what they are told of a plan, and what they say to it.
//!
//! Promises: whatever a rule cannot tell of a step is said, and a step that it was to deny is held back then, too.

use super::Project;
use crate::manifest::Loaded;
use crate::model::own_rule::{Effect, Expression, Known, OwnRule, with_room};
use crate::model::{Address, Field, Money};
use crate::plan::{Note, NoteKind, OwnRules, Plan, Record, Step, Verdicts};
use crate::report::PlanReport;
use crate::report::plan_json::StepReport;
use serde_json::{Map, Value};

/// The rules of a project, where it has any.
pub struct Rules<'a> {
    rules: Vec<(&'a OwnRule, Result<Expression, String>)>,
    loaded: &'a Loaded,
    environment: &'a str,
}

impl Project {
    /// Its own rules.
    pub fn own_rules(&self) -> Rules<'_> {
        let all = self.loaded.project.iter().flat_map(|project| &project.rules);
        Rules {
            rules: all
                .map(|rule| (rule, Expression::read(&rule.expression)))
                .collect(),
            loaded: &self.loaded,
            environment: self.judged_as.as_deref().unwrap_or(&self.environment),
        }
    }
}

impl OwnRules for Rules<'_> {
    fn judge(&self, plan: &Plan) -> Verdicts {
        if self.rules.is_empty() || plan.steps.is_empty() {
            return Verdicts::default();
        }
        with_room(|| self.asked(plan)).unwrap_or_else(|| self.unasked(plan))
    }
}

impl Rules<'_> {
    /// What the rules say.
    fn asked(&self, plan: &Plan) -> Verdicts {
        let mut verdicts = Verdicts::default();
        let whole = Known::of(&self.whole(plan));
        let steps: Vec<(&Step, Known)> = plan
            .steps
            .iter()
            .map(|step| (step, Known::of(&self.step(step))))
            .collect();
        for (rule, expression) in &self.rules {
            let of = |step: Option<&Known>| match expression {
                Ok(expression) => expression.holds(&whole, step),
                Err(why) => Err(why.clone()),
            };
            let about_steps = matches!(expression, Ok(expression) if expression.is_about_steps());
            let of_all = (!about_steps).then(|| of(None));
            for (step, known) in &steps {
                let told = of_all.clone().unwrap_or_else(|| of(Some(known)));
                let Some(note) = note(rule, step, told) else {
                    continue;
                };
                match rule.effect {
                    Effect::Deny => verdicts.deny(&step.id, note),
                    Effect::Warn => verdicts.notes.push(note),
                }
            }
        }
        verdicts
    }

    /// What is said where they could not be asked at all: nothing passes.
    fn unasked(&self, plan: &Plan) -> Verdicts {
        let mut verdicts = Verdicts::default();
        for (rule, _) in &self.rules {
            for step in &plan.steps {
                let why = Err("evaluating the rules failed".to_owned());
                if let Some(note) = note(rule, step, why) {
                    verdicts.deny(&step.id, note);
                }
            }
        }
        verdicts
    }

    /// The plan as it is printed for machines.
    fn whole(&self, plan: &Plan) -> Value {
        let mut whole = serde_json::to_value(PlanReport::from(plan)).unwrap_or_default();
        whole["environment"] = self.environment.into();
        whole
    }

    /// A step as it is printed for machines, with what its survey is by then.
    fn step(&self, step: &Step) -> Value {
        let mut told = serde_json::to_value(StepReport::from(step)).unwrap_or_default();
        told["survey"] = Value::Object(self.survey(step));
        told
    }

    fn survey(&self, step: &Step) -> Map<String, Value> {
        let mut survey = Map::new();
        if let Record::Survey { applied, policy, .. } = &step.record {
            if let Ok(Value::Object(fields)) = serde_json::to_value(applied) {
                survey.extend(fields);
            }
            for (key, price) in [("cpi", &applied.cpi), ("max_cpi", &applied.max_cpi)] {
                if let Field::Set(Money { amount, currency }) = price {
                    // As a number, which it is compared with; amounts of six places keep their order.
                    let number = amount.to_string().parse::<f64>().ok();
                    survey.insert(key.to_owned(), number.into());
                    survey.insert("currency".to_owned(), currency.code().into());
                }
            }
            let tags: Vec<Value> = policy.tags.iter().map(|tag| tag.as_str().into()).collect();
            survey.insert("tags".to_owned(), tags.into());
        }
        survey.insert("name".to_owned(), step.address.manifest().into());
        survey.insert("vendor".to_owned(), step.vendor.key().into());
        let file = self.loaded.index.file(&Address::survey(step.address.manifest()));
        survey.extend(file.map(|file| ("file".to_owned(), Value::from(&**file))));
        survey
    }
}

/// What a rule says to a step, if anything.
fn note(rule: &OwnRule, step: &Step, told: Result<bool, String>) -> Option<Note> {
    let OwnRule {
        name,
        effect,
        expression,
        help,
    } = rule;
    let kind = match effect {
        Effect::Deny => NoteKind::Refused,
        Effect::Warn => NoteKind::Advice,
    };
    let (message, help) = match told {
        Ok(false) => return None,
        Ok(true) => {
            let does = match effect {
                Effect::Deny => "is denied by",
                Effect::Warn => "is warned of by",
            };
            let message = format!("{} {does} the rule `{name}`: {expression}", step.action);
            (message, help.clone())
        }
        Err(why) => {
            let message = format!("the rule `{name}` cannot tell of this {}: {why}", step.action);
            let help = "`has(step.survey.cpi) && ...` asks first whether something is there";
            (message, Some(help.to_owned()))
        }
    };
    Some(Note {
        help,
        rule: Some(name.as_str().into()),
        ..Note::new(&step.address, kind, message)
    })
}
