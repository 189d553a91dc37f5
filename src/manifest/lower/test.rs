//! Tests of manifests: from what is written to what happens and what is expected, each with its place.

use super::money::money;
use crate::diag::text::short;
use crate::diag::{Span, code};
use crate::manifest::expand::scope::Scope;
use crate::manifest::read::walk::Found;
use crate::manifest::shape::test::{
    EditManifest, ExpectManifest, ExposureManifest, PlanManifest, RespondentsManifest, StatusManifest,
    StepManifest, TestManifest,
};
use crate::model::guard::Guard;
use crate::model::{Money, VendorId};
use crate::text::pointer::below;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// When a test begins that says nothing else: a Monday morning before the time in field of whatever is written today.
const BEGINS: &str = "2026-01-05T09:00:00Z";

/// A test of manifests.
#[derive(Debug, Clone)]
pub struct Test {
    /// Its name.
    pub name: String,
    /// How its file is shown.
    pub file: Arc<str>,
    /// Where its name stands.
    pub place: Span,
    /// The manifests that it is about; those of the project where there are none.
    pub manifests: Vec<PathBuf>,
    /// The environment whose rules count.
    pub environment: Option<(String, Span)>,
    /// When it begins.
    pub at: Timestamp,
    /// What happens, in this order.
    pub steps: Vec<(Step, Span)>,
}

/// Something that happens in a test.
#[derive(Debug, Clone)]
pub enum Step {
    /// The manifests are applied.
    Apply {
        /// Guards that are approved.
        allow: Vec<Guard>,
        /// Stages that are asked for.
        advance: Vec<String>,
        /// What goes back in field.
        resume: Vec<String>,
        /// Whether something of it may be refused.
        in_part: bool,
    },
    /// People answer a survey.
    Respondents {
        /// The survey or group.
        survey: String,
        /// Where.
        vendor: Option<VendorId>,
        /// Completed interviews.
        completes: u64,
        /// Interviews that end early.
        terminations: u64,
        /// Their quota.
        quota: Option<String>,
    },
    /// Time passes.
    Clock(String),
    /// A document says something else.
    Edit {
        /// The name of its survey or group.
        manifest: String,
        /// Values by their pointers; nothing where the whole document goes.
        set: Option<Map<String, Value>>,
    },
    /// A plan is made, and says this.
    Plan(Vec<(Planned, Span)>),
    /// Surveys in field are like this, by their names.
    Status(Vec<(String, Fielded, Span)>),
}

/// One thing that a plan is expected to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Planned {
    /// What is done with a survey or group, in order.
    Actions(String, Vec<String>),
    /// The kinds of notes about it.
    Notes(String, Vec<String>),
    /// The own rules of the project that say something about it.
    Rules(String, Vec<String>),
    /// How many calls are made.
    Calls(u64),
    /// The guards that ask.
    Guards(Vec<String>),
    /// A sum.
    Exposure(Sum, Money),
}

/// Which sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sum {
    /// What can be spent before the plan.
    Before,
    /// What can be spent after it.
    After,
    /// The difference.
    Change,
}

impl Sum {
    /// The key it is written under.
    pub fn key(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
            Self::Change => "change",
        }
    }
}

/// One thing that a survey in field is expected to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fielded {
    /// What is thought of it.
    Verdict(String),
    /// What was collected.
    Completes(u64),
    /// What is wanted.
    Goal(u64),
    /// The vendor's word.
    Status(String),
    /// Its stage.
    Stage(String),
    /// What the completes cost.
    Cost(Money),
}

/// Reads what a test means. `None` where something of it means nothing.
pub(crate) fn lower(scope: &mut Scope<'_>, manifest: TestManifest, found: &Found) -> Option<Test> {
    let before = scope.errors();
    let mut steps = Vec::new();
    for (index, written) in manifest.steps.into_iter().flatten().enumerate() {
        step(scope, written, &format!("/steps/{index}"), &mut steps);
    }
    if let Some(written) = manifest.expect {
        expect(scope, written, "/expect", &mut steps);
    }
    if steps.is_empty() && scope.errors() == before {
        scope
            .error(code::SHAPE_MISSING_KEY)
            .says("this test expects nothing")
            .head("no `steps`, no `expect`")
            .help("add `expect: {plan: {calls: 0}}`, for example");
    }
    let at = moment(scope, manifest.at.as_deref().unwrap_or(BEGINS));
    let folder = found.path.parent().unwrap_or(Path::new(""));
    let manifests = manifest.manifests.into_iter().flatten();
    let environment = manifest
        .environment
        .map(|name| (name, scope.value("/environment")));
    let test = Test {
        name: manifest.name,
        file: Arc::clone(&found.name),
        place: scope.head(),
        manifests: manifests.map(|path| folder.join(path)).collect(),
        environment,
        at: at?,
        steps,
    };
    (scope.errors() == before).then_some(test)
}

fn moment(scope: &mut Scope<'_>, text: &str) -> Option<Timestamp> {
    // Seconds may be left out.
    let whole = match text.len() {
        ..=17 => text.replace('Z', ":00Z"),
        _ => text.to_owned(),
    };
    let time = whole.parse().ok();
    if time.is_none() {
        scope
            .error(code::SHAPE_VALUE)
            .says(format!("`{}` is no day and time that there is", short(text)))
            .value("/at", "not a time")
            .help("write a time in UTC, such as `2026-12-01T09:00:00Z`");
    }
    time
}

type Steps = Vec<(Step, Span)>;

fn step(scope: &mut Scope<'_>, written: StepManifest, pointer: &str, steps: &mut Steps) {
    let StepManifest {
        apply,
        respondents,
        clock,
        edit,
        expect: expected,
    } = written;
    let given = [
        apply.is_some(),
        respondents.is_some(),
        clock.is_some(),
        edit.is_some(),
        expected.is_some(),
    ];
    if given.into_iter().filter(|given| *given).count() > 1 {
        scope
            .error(code::SHAPE_VALUE)
            .says("a step is one thing, and this is several: nobody could tell which comes first")
            .value(pointer, "several at once")
            .help("write each of them as a step of its own");
        return;
    }
    let place = scope.value(pointer);
    if let Some(apply) = apply {
        let known = |word: &String| Guard::from_key(word);
        let apply = Step::Apply {
            allow: apply.allow.iter().filter_map(known).collect(),
            advance: apply.advance,
            resume: apply.resume,
            in_part: apply.in_part,
        };
        steps.push((apply, place));
    }
    if let Some(RespondentsManifest {
        survey,
        vendor,
        completes,
        terminations,
        quota,
    }) = respondents
    {
        let vendor = vendor.as_deref().and_then(VendorId::from_key);
        let respondents = Step::Respondents {
            survey,
            vendor,
            completes,
            terminations,
            quota,
        };
        steps.push((respondents, place));
    }
    if let Some(clock) = clock {
        steps.push((Step::Clock(clock), place));
    }
    if let Some(EditManifest {
        manifest,
        set,
        remove,
    }) = edit
    {
        if set.is_some() == remove {
            scope
                .error(code::SHAPE_VALUE)
                .says("an edit either sets values or takes the document out")
                .value(&format!("{pointer}/edit"), "which?")
                .help("write `set: {/cpi: 3.00 USD}`, for example, or `remove: true`; one of the two");
        }
        steps.push((Step::Edit { manifest, set }, place));
    }
    if let Some(expected) = expected {
        expect(scope, expected, &format!("{pointer}/expect"), steps);
    }
}

fn expect(scope: &mut Scope<'_>, written: ExpectManifest, pointer: &str, steps: &mut Steps) {
    if let Some(plan) = written.plan {
        let pointer = format!("{pointer}/plan");
        let place = scope.key(&pointer);
        let wanted = planned(scope, plan, &pointer);
        steps.push((Step::Plan(wanted), place));
    }
    if let Some(status) = written.status {
        let pointer = format!("{pointer}/status");
        let place = scope.key(&pointer);
        let mut wanted = Vec::new();
        for (name, written) in status {
            fielded(scope, &name, written, &below(&pointer, &name), &mut wanted);
        }
        steps.push((Step::Status(wanted), place));
    }
}

fn planned(scope: &mut Scope<'_>, written: PlanManifest, pointer: &str) -> Vec<(Planned, Span)> {
    let mut wanted = Vec::new();
    let actions: fn(String, Vec<String>) -> Planned = Planned::Actions;
    let by_name = [
        ("surveys", written.surveys, actions),
        ("notes", written.notes, Planned::Notes),
        ("rules", written.rules, Planned::Rules),
    ];
    for (key, written, planned) in by_name {
        for (name, words) in written.into_iter().flatten() {
            let place = scope.value(&below(&format!("{pointer}/{key}"), &name));
            wanted.push((planned(name, words), place));
        }
    }
    if let Some(calls) = written.calls {
        wanted.push((Planned::Calls(calls), scope.value(&format!("{pointer}/calls"))));
    }
    if let Some(guards) = written.guards {
        wanted.push((Planned::Guards(guards), scope.value(&format!("{pointer}/guards"))));
    }
    let ExposureManifest {
        before,
        after,
        change,
    } = written.exposure.unwrap_or_default();
    for (sum, amounts) in [(Sum::Before, before), (Sum::After, after), (Sum::Change, change)] {
        let pointer = format!("{pointer}/exposure/{}", sum.key());
        let amounts: Vec<(String, String)> = match amounts {
            Some(Value::String(text)) => vec![(text, pointer)],
            Some(Value::Array(items)) => {
                let texts = items.into_iter().enumerate();
                let text =
                    |(at, item): (usize, Value)| Some((item.as_str()?.to_owned(), below(&pointer, at)));
                texts.filter_map(text).collect()
            }
            _ => Vec::new(),
        };
        for (text, pointer) in amounts {
            if let Some(money) = signed(scope, &text, &pointer) {
                wanted.push((Planned::Exposure(sum, money), scope.value(&pointer)));
            }
        }
    }
    wanted
}

/// An amount, which may be below zero or written with a plus.
fn signed(scope: &mut Scope<'_>, text: &str, pointer: &str) -> Option<Money> {
    match text.trim().strip_prefix(['-', '+']) {
        Some(bare) => {
            let money = money(scope, Some(bare), pointer)?;
            let amount = match text.trim().starts_with('-') {
                true => -money.amount,
                false => money.amount,
            };
            Some(Money::new(amount, money.currency))
        }
        None => money(scope, Some(text), pointer),
    }
}

fn fielded(
    scope: &mut Scope<'_>,
    name: &str,
    written: StatusManifest,
    pointer: &str,
    wanted: &mut Vec<(String, Fielded, Span)>,
) {
    let StatusManifest {
        verdict,
        completes,
        goal,
        status,
        stage,
        cost,
    } = written;
    let cost = cost.and_then(|text| money(scope, Some(&text), &format!("{pointer}/cost")));
    let all = [
        ("verdict", verdict.map(Fielded::Verdict)),
        ("completes", completes.map(Fielded::Completes)),
        ("goal", goal.map(Fielded::Goal)),
        ("status", status.map(Fielded::Status)),
        ("stage", stage.map(Fielded::Stage)),
        ("cost", cost.map(Fielded::Cost)),
    ];
    for (key, value) in all {
        let place = scope.value(&format!("{pointer}/{key}"));
        wanted.extend(value.map(|value| (name.to_owned(), value, place)));
    }
}
