use super::*;
use crate::diag;
use crate::flow::terminal::{Interrupts, Measured};
use crate::flow::{Cause, Meter};
use crate::report;

/// Somebody who gives one answer, or nobody.
struct Answers(Option<bool>);

impl Terminal for Answers {
    fn data(&self, _: &str) -> Result<(), Stop> {
        Ok(())
    }

    fn status(&self, _: &str) {}

    fn say(&self, _: &str) {}

    fn stop(&self, _: &Stop) {}

    fn ask(&self, _: &str) -> Option<bool> {
        self.0
    }

    fn style(&self) -> report::Style {
        report::Style::default()
    }

    fn problem_style(&self) -> diag::text::Style {
        diag::text::Style::default()
    }

    fn meter(&self, _: Measured) -> Box<dyn Meter> {
        unreachable!("nothing is measured here")
    }

    fn interrupts(&self) -> Interrupts {
        unreachable!("nothing is carried out here")
    }
}

fn guarded(rule: Rule) -> Guarded<'static> {
    Guarded {
        guard: Guard::AcceptList,
        rule,
        environment: "production",
        not_done: "nothing was sent".to_owned(),
    }
}

fn told(result: Result<(), Stop>) -> Option<String> {
    let stop = result.err()?;
    assert!(matches!(stop.cause, Cause::Refused), "{stop:?}");
    stop.message
}

#[test]
fn a_question_that_nobody_hears_is_no_yes() {
    let ask = |answer, yes| {
        told(confirm(
            &Answers(answer),
            yes,
            "Go on?",
            "nothing was paused",
            "use --yes",
        ))
    };
    assert_eq!(ask(Some(true), false), None);
    assert_eq!(ask(None, true), None);
    assert_eq!(ask(Some(false), false).as_deref(), Some("nothing was paused"));
    assert_eq!(
        ask(None, false).as_deref(),
        Some("nothing was paused: there is no terminal to ask on")
    );
}

#[test]
fn a_yes_beforehand_needs_the_guard_besides_unless_the_environment_allows_it() {
    let nobody = Answers(None);
    let given =
        |rule, yes, allow: &[Guard]| told(guarded(rule).approved(&nobody, (yes, allow), "?", "use --yes"));
    assert_eq!(given(Rule::Ask, true, &[Guard::AcceptList]), None);
    assert_eq!(given(Rule::Allow, true, &[]), None);
    let lacks = "nothing was sent: it needs the approval `accept-list`";
    assert_eq!(given(Rule::Ask, true, &[]).as_deref(), Some(lacks));
    assert_eq!(given(Rule::Ask, true, &[Guard::Launch]).as_deref(), Some(lacks));
    // An approval of the guard alone spares no question.
    assert!(given(Rule::Allow, false, &[Guard::AcceptList]).is_some());
}

#[test]
fn what_is_denied_takes_no_approval() {
    let denied = "nothing was sent: the guard `accept-list` of `production` denies it";
    assert_eq!(told(guarded(Rule::Deny).not_denied()).as_deref(), Some(denied));
    assert_eq!(told(guarded(Rule::Ask).not_denied()), None);
}
