//! A project's own rules: each has one effect and an expression that can be asked.

use crate::diag::code;
use crate::manifest::expand::scope::Scope;
use crate::manifest::shape::types::RuleManifest;
use crate::model::own_rule::{Effect, Expression, OwnRule};

/// The project's own rules, as far as they can be asked.
pub(super) fn lower(scope: &mut Scope<'_>, written: Vec<RuleManifest>) -> Vec<OwnRule> {
    let mut rules: Vec<OwnRule> = Vec::new();
    for (at, written) in written.into_iter().enumerate() {
        let place = format!("/rules/{at}");
        let (effect, key, expression) = match (written.deny, written.warn) {
            (Some(deny), None) => (Effect::Deny, "deny", deny),
            (None, Some(warn)) => (Effect::Warn, "warn", warn),
            (Some(_), Some(_)) | (None, None) => {
                scope
                    .error(code::PROJECT_RULE)
                    .says("a rule either denies or warns")
                    .value(&place, "which?")
                    .help("write `deny: step.survey.cpi > 5.0`, for example, or `warn: ...`; one of the two");
                continue;
            }
        };
        if let Err(why) = Expression::read(&expression) {
            scope
                .error(code::PROJECT_RULE)
                .says(format!("this is no rule: {why}"))
                .value(&format!("{place}/{key}"), "cannot be asked")
                .help("a rule is an expression of CEL, such as `step.action == \"create\" && step.survey.completes > 2000`");
        }
        if rules.iter().any(|rule| rule.name == written.name) {
            scope
                .error(code::PROJECT_RULE)
                .says(format!("two rules are called `{}`", written.name))
                .value(&format!("{place}/name"), "again")
                .help("choose another name for one of them");
        }
        rules.push(OwnRule {
            name: written.name,
            effect,
            expression,
            help: written.help,
        });
    }
    rules
}
