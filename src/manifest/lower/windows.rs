//! Hours in which a survey is in field, and how fast it is: from a time zone and a list of texts to hours, and to a pace.
//!
//! Promises: every zone exists, all hours begin before they end, and none overlap; a list in which that is not so is
//! reported and makes no hours.

use crate::diag::text::short;
use crate::diag::{code, suggest};
use crate::manifest::expand::scope::Scope;
use crate::manifest::shape::types::{PaceManifest, WindowsManifest};
use crate::model::hours::{self, Hours, Opening};
use crate::model::ladder::crowded;
use crate::model::pace::Pace;
use crate::model::{DesiredSurvey, SurveySpec};
use jiff::tz::TimeZone;

/// The hours of a survey, where they are right. `refused` are fields that were given and are wrong.
pub(super) fn lower(
    scope: &mut Scope<'_>,
    windows: &WindowsManifest,
    spec: &SurveySpec,
    refused: &[String],
) -> Option<Hours> {
    let before = scope.errors();
    if spec.completes.value().is_none() && !refused.iter().any(|field| field == "completes") {
        scope
            .error(code::WINDOWS_COMPLETES)
            .says("hours need the survey's `completes` in this manifest")
            .key("/windows", "these hours")
            .help("add `completes: ...` to the survey");
    }
    let zone = zone(scope, &windows.timezone, "/windows/timezone").map(|(name, _)| name);
    let mut open: Vec<(usize, Opening)> = Vec::new();
    for (index, text) in windows.open.iter().enumerate() {
        let place = format!("/windows/open/{index}");
        match Opening::read(text) {
            Err(no) => {
                scope
                    .error(code::WINDOWS_HOURS)
                    .says(format!("`{}` {no}", short(text)))
                    .value(&place, "here")
                    .help(no.help);
            }
            Ok(opening) => {
                if let Some((other, _)) = open.iter().find(|(_, other)| other.overlaps(opening)) {
                    scope
                        .error(code::WINDOWS_HOURS)
                        .says(format!("the hours `{}` are in two lines", short(text)))
                        .value(&place, "overlaps")
                        .also_value(&format!("/windows/open/{other}"), "this one")
                        .help("write every hour once");
                }
                open.push((index, opening));
            }
        }
    }
    let open = open.into_iter().map(|(_, opening)| opening).collect();
    let hours = Hours::new(zone?, open);
    (scope.errors() == before).then_some(hours)
}

/// The zone of a name that stands at a place, where there is one, with its own name.
pub(super) fn zone(scope: &mut Scope<'_>, name: &str, place: &str) -> Option<(String, TimeZone)> {
    if let Some(known) = hours::zone(name) {
        return Some(known);
    }
    let all = hours::zones();
    let last = |zone: &'_ str| zone.rsplit('/').next().unwrap_or_default().to_owned();
    let typed = last(name);
    let places: Vec<String> = all.iter().map(|zone| last(zone)).collect();
    // Most people know the city and not its region.
    let near = |typed: &str, among: &[String]| {
        let found = suggest::nearest(typed, among.iter().map(String::as_str))?;
        among.iter().position(|one| one == found)
    };
    let meant = near(name, &all).or_else(|| near(&typed, &places));
    let help = meant.and_then(|at| all.get(at)).map_or_else(
        || "write a region and a city, such as `America/New_York` or `Europe/Berlin`, or `UTC`".to_owned(),
        |zone| suggest::ask(zone),
    );
    scope
        .error(code::WINDOWS_TIMEZONE)
        .says(format!("there is no time zone `{}`", short(name)))
        .value(place, "not a region with a city")
        .help(help);
    None
}

/// The pace of a survey, where it is right.
pub(super) fn pace(
    scope: &mut Scope<'_>,
    pace: &PaceManifest,
    timezone: String,
    spec: &SurveySpec,
    refused: &[String],
) -> Option<Pace> {
    let completes_per_day = pace.completes_per_day;
    if spec.completes.value().is_none() {
        if !refused.iter().any(|field| field == "completes") {
            scope
                .error(code::PACE_DAILY)
                .says("a pace needs the survey's `completes` in this manifest")
                .key("/pace", "this pace")
                .help("add `completes: ...` to the survey");
        }
        return None;
    }
    if let Some(quotas) = crowded(spec, completes_per_day) {
        scope
            .error(code::PACE_DAILY)
            .says(format!(
                "{quotas} quotas over the same questions cannot share the {completes_per_day} completes of a day"
            ))
            .value("/pace/completes_per_day", "here")
            .help("let a day add more completes, so that every quota gets one");
        return None;
    }
    Some(Pace {
        completes_per_day,
        timezone,
    })
}

/// Says that hours and a pace over several marketplaces are not there yet.
pub(super) fn at_one_marketplace<'a>(
    scope: &mut Scope<'_>,
    fielded: impl Iterator<Item = &'a DesiredSurvey>,
) {
    let (mut hours, mut pace) = (false, false);
    for ladder in fielded.filter_map(|survey| survey.ladder.as_ref()) {
        hours |= ladder.hours.is_some();
        pace |= ladder.pace.is_some();
    }
    if hours {
        scope
            .error(code::WINDOWS_SEVERAL)
            .says("a survey that several marketplaces field cannot have hours yet")
            .key("/windows", "over several marketplaces")
            .help("name one marketplace, or remove `windows`");
    }
    if pace {
        scope
            .error(code::PACE_SEVERAL)
            .says("a survey that several marketplaces field cannot have a pace yet")
            .key("/pace", "over several marketplaces")
            .help("name one marketplace, or remove `pace`");
    }
}
