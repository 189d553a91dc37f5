//! Stages of fieldwork: from their list to a ladder.
//!
//! Promises: stages rise, the last one is all that the survey wants, and every quota that wants somebody has a complete at the
//! first; a list in which that is not so is reported and makes no ladder.

use crate::diag::code;
use crate::diag::text::short;
use crate::manifest::expand::scope::{Scope, Told};
use crate::manifest::expand::shares::{self, NoShare};
use crate::manifest::shape::types::StageManifest;
use crate::model::apportion::apportion;
use crate::model::figures::{Check, Figure};
use crate::model::ladder::{Ladder, Then, crowded};
use crate::model::{DesiredSurvey, SurveySpec, VendorId};
use serde_json::Value;

/// The ladder of a survey, where its stages are right. `refused` are fields that were given and are wrong.
pub(super) fn lower(
    scope: &mut Scope<'_>,
    stages: &[StageManifest],
    vendor: VendorId,
    spec: &SurveySpec,
    refused: &[String],
) -> Option<Ladder> {
    let Some(whole) = spec.completes.value().copied() else {
        if !refused.iter().any(|field| field == "completes") {
            wrong(
                scope,
                "/stages",
                "stages need the survey's `completes` in this manifest",
            )
            .help("add `completes: ...` to the survey");
        }
        return None;
    };
    let before = scope.errors();
    let mut rungs: Vec<(String, u64, Then)> = Vec::new();
    let mut checks: Vec<Vec<Check>> = Vec::new();
    for (index, stage) in stages.iter().enumerate() {
        let last = index + 1 == stages.len();
        let at = |key: &str| format!("/stages/{index}/{key}");
        let then = stage.then.unwrap_or_default();
        if rungs.iter().any(|(name, ..)| *name == stage.name) {
            wrong(
                scope,
                &at("name"),
                format!("there are two stages `{}`", stage.name),
            )
            .help("give each stage its own name");
        }
        if last && then == Then::Hold {
            wrong(
                scope,
                &at("then"),
                "nothing comes after the last stage, and it has nothing to hold",
            )
            .help("remove `then` here");
        }
        checks.push(checked(scope, stage, vendor, last, &at("when")));
        let Some(completes) = completes(scope, stage, whole, last, &at("completes")) else {
            continue;
        };
        let place = if stage.completes.is_some() {
            at("completes")
        } else {
            at("name")
        };
        if let Some((below, had, _)) = rungs.last().filter(|(_, had, _)| completes <= *had) {
            let message = format!(
                "the stage `{}` has {completes} completes, and `{below}` before it {had}",
                stage.name
            );
            wrong(scope, &place, message).help("give each stage more completes than the one before");
        } else if last && completes != whole {
            let message = format!("the last stage has {completes} completes, and the survey wants {whole}");
            wrong(scope, &place, message)
                .help("leave `completes` out of the last stage: it is all that the survey wants");
        } else if let Some(quotas) = crowded(spec, completes) {
            let message =
                format!("{quotas} quotas over the same questions cannot share the completes of this stage");
            wrong(scope, &place, message).help("give the stage more completes, so that every quota gets one");
        }
        rungs.push((stage.name.clone(), completes, then));
    }
    let mut ladder = (scope.errors() == before).then(|| Ladder::over(spec, rungs))?;
    for (rung, when) in ladder.rungs.iter_mut().zip(checks) {
        rung.when = when;
    }
    Some(ladder)
}

/// What has to hold before a stage is left.
fn checked(
    scope: &mut Scope<'_>,
    stage: &StageManifest,
    vendor: VendorId,
    last: bool,
    place: &str,
) -> Vec<Check> {
    let mut checks = Vec::new();
    let Some(when) = &stage.when else { return checks };
    if last {
        wrong(
            scope,
            place,
            "nothing comes after the last stage, and nothing has to hold for it",
        )
        .help("remove `when` here");
    } else if stage.then == Some(Then::Hold) {
        wrong(
            scope,
            place,
            "a stage that holds waits for somebody, whatever its checks say",
        )
        .help("remove `then: hold`, or remove `when`");
    }
    for (key, text) in when {
        let place = format!("{place}/{key}");
        let Some(figure) = Figure::from_key(key) else {
            continue;
        };
        let told = vendor.facts().figures;
        if !told.contains(&figure) {
            let told: Vec<String> = told.iter().map(Figure::to_string).collect();
            let help = match told.is_empty() {
                true => "use `then: hold`: somebody looks, and goes on with --advance".to_owned(),
                false => format!("it tells {}", told.join(", ")),
            };
            scope
                .error(code::STAGES_FIGURE)
                .says(format!("{} does not tell `{figure}`", vendor.name()))
                .key(&place, "not told")
                .help(help);
            continue;
        }
        match Check::read(figure, text) {
            Some(check) => checks.push(check),
            None => {
                wrong(
                    scope,
                    &place,
                    format!("`{}` is no bound of `{figure}`", short(text)),
                )
                .help("write `>=` or `<=` and a number, such as `>= 30`");
            }
        }
    }
    checks
}

/// Says that stages over several marketplaces are not there yet.
pub(super) fn at_one_marketplace<'a>(
    scope: &mut Scope<'_>,
    mut fielded: impl Iterator<Item = &'a DesiredSurvey>,
) {
    if fielded.any(|survey| survey.ladder.is_some()) {
        scope
            .error(code::STAGES_SEVERAL)
            .says("the completes of several marketplaces cannot be collected in stages yet")
            .key("/stages", "over several marketplaces")
            .help("name one marketplace, or remove `stages`");
    }
}

/// The completes of a stage, where they are right.
fn completes(
    scope: &mut Scope<'_>,
    stage: &StageManifest,
    whole: u64,
    last: bool,
    place: &str,
) -> Option<u64> {
    let count = match &stage.completes {
        None if last => Some(whole),
        None => {
            let name = place.replace("/completes", "/name");
            wrong(scope, &name, format!("the stage `{}` does not say how far it goes", stage.name))
                .help("add `completes: ...`, a number or a share such as `10%`; only the last stage may leave it out");
            return None;
        }
        Some(Value::Number(number)) => number.as_u64(),
        Some(share) => match shares::read(share) {
            Ok(share) => apportion(whole, &[share]).first().copied(),
            Err(NoShare { why, help }) => {
                let written = share.as_str().map_or_else(|| share.to_string(), str::to_owned);
                wrong(scope, place, format!("`{}` {why}", short(&written)))
                    .help(format!("{help}, or a number of completes"));
                return None;
            }
        },
    };
    if count == Some(0) {
        wrong(
            scope,
            place,
            format!("the stage `{}` comes to no complete", stage.name),
        )
        .help("write a larger share, or a number");
        return None;
    }
    count
}

/// A problem of a ladder.
fn wrong<'s, 'a>(scope: &'s mut Scope<'a>, place: &str, message: impl Into<String>) -> Told<'s, 'a> {
    let told = scope.error(code::STAGES_LADDER).says(message);
    match place {
        "/stages" => told.key(place, "these stages"),
        place => told.value(place, "here"),
    }
}
