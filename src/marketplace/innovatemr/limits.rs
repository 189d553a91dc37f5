//! What InnovateMR refuses or does differently than one expects, each with its source.

use super::locale;
use crate::diag::{Rule, code};
use crate::marketplace::shelf::rules::{Breach, Place, QuotaRules};
use crate::model::{Field, Level, Money, Status, SurveySpec};
use iso_currency::Currency;

const fn rule(text: &'static str) -> Rule {
    Rule::of("InnovateMR", text)
}

/// What is said, and assumed, of quotas.
pub const QUOTAS: QuotaRules = QuotaRules {
    below: rule("what quotas below the group's N mean is not documented").source("no public document"),
    above: rule("what quotas above the group's N mean is not documented").source("no public document"),
    any_full_ends: rule("quotas are hard stops: who counts for a full one is turned away")
        .source("assumed from the key HardStop in a public client"),
};

const REQUIRED: Rule = rule("a group has a name, N, incidence rate, length of interview, URL and country")
    .source("call flow page, and a public client of the vendor's API");
const JOB_NAME: Rule = rule("a job has a name").source("call flow page");
const CEILING: Rule =
    rule("going live needs MaximumCostPerInterview on the group").source("portal page Update Group Status");
const LOCALE: Rule = rule("countries and languages are written by their English names")
    .source("portal page Update Group Status, and a public client");
const PLACEHOLDERS: Rule = rule("the URL carries the transaction token and the respondent id")
    .source("portal page Update Group Status");
const CURRENCY: Rule =
    rule("prices are in the account's currency").source("assumed to be US dollars; no document names one");
/// Why times in field are not sent.
pub const DATES: Rule = rule("how to write fielding dates is not documented")
    .source("call flow page names them without their keys");
const OFFER: Rule =
    rule("the ceiling bounds the platform's price").source("assumed from the names of the keys");
const TARGETED: Rule = rule("quotas are made over questions that are targets of the group")
    .source("assumed: the only client seen does no other");
const LISTS: Rule = rule("whom the vendor invites is its own choice, within the targets")
    .source("no public document has a call about lists of respondents");
const SUPPLIERS: Rule = rule("respondents come from the vendor's own panel and partners")
    .source("no public document has a call about suppliers");
/// Why a group is not live under a job that is not.
pub const CONTAINER: Rule =
    rule("a group is fielded below a job that is live").source("a public client launches the job first");

/// Every rule that a job or a group breaks as the manifest states it.
pub fn check(level: Level, spec: &SurveySpec) -> Vec<Breach> {
    let mut out = Vec::new();
    if level == Level::Container {
        needs_a_name(spec, &mut out);
    } else {
        needs_fields(spec, &mut out);
        needs_url_and_ceiling_to_launch(spec, &mut out);
        has_words_for_the_locale(spec, &mut out);
        carries_placeholders(spec, &mut out);
        trades_in_one_currency(spec, &mut out);
        offers_no_more_than_the_ceiling(spec, &mut out);
        has_no_dates(spec, &mut out);
        has_no_suppliers(spec, &mut out);
        has_no_lists(spec, &mut out);
        counts_only_what_is_targeted(spec, &mut out);
    }
    out
}

fn needs_a_name(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let title = [("title", spec.title.value().is_some())];
    let breach = Breach::incomplete("the job", title, JOB_NAME);
    out.extend(breach.map(|breach| breach.label("this survey").help("add `title: ...`")));
}

fn needs_fields(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let fields = [
        ("title", spec.title.value().is_some()),
        ("locale", spec.locale.value().is_some()),
        ("completes", spec.completes.value().is_some()),
        ("incidence_rate", spec.incidence_rate.value().is_some()),
        ("length_of_interview", spec.length_of_interview.value().is_some()),
        ("live_url", spec.live_url.value().is_some()),
    ];
    let help = "add them to the group, or to the survey for all its groups";
    let breach = Breach::incomplete("the group", fields, REQUIRED);
    out.extend(breach.map(|breach| breach.label("this group").help(help)));
}

fn needs_url_and_ceiling_to_launch(spec: &SurveySpec, out: &mut Vec<Breach>) {
    if spec.status == Field::Set(Status::Live) && spec.max_cpi.value().is_none() {
        let message = "a live group needs `max_cpi`";
        out.push(
            Breach::error(
                code::SURVEY_LAUNCH_INCOMPLETE,
                Place::Field("status"),
                message,
                CEILING,
            )
            .label("needs `max_cpi`")
            .missing(["max_cpi"])
            .help("add the most a complete may cost, such as `max_cpi: 3.75 USD`, or write `status: draft`"),
        );
    }
}

fn has_words_for_the_locale(spec: &SurveySpec, out: &mut Vec<Breach>) {
    if let Some(written) = spec.locale.value()
        && locale::place(written).is_none()
    {
        let message = format!("infield does not know InnovateMR's words for {written}");
        out.push(
            Breach::error(
                code::SURVEY_UNKNOWN_LOCALE,
                Place::Field("locale"),
                message,
                LOCALE,
            )
            .label("no words for it")
            .help("write one language and one region, such as `en-US`"),
        );
    }
}

fn carries_placeholders(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let Some(url) = spec.live_url.value() else { return };
    let missing = ["[%%token%%]", "[%%pid%%]"].into_iter();
    let missing = missing.filter(|placeholder| !url.contains(placeholder));
    let names: Vec<String> = missing.map(|name| format!("`{name}`")).collect();
    if !names.is_empty() {
        let message = format!("the live URL carries no {}", names.join(" and no "));
        out.push(
            Breach::warning(code::SURVEY_URL, Place::Field("live_url"), message, PLACEHOLDERS)
                .label("not filled in by the vendor")
                .help("write it such as `https://survey.example.com/s/1?tk=[%%token%%]&pid=[%%pid%%]`"),
        );
    }
}

fn trades_in_one_currency(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let foreign = |money: &Money| money.currency != Currency::USD;
    for (field, money) in [("cpi", &spec.cpi), ("max_cpi", &spec.max_cpi)] {
        if money.value().is_some_and(foreign) {
            let message = format!("`{field}` is not in US dollars");
            out.push(
                Breach::warning(code::MONEY_CURRENCY, Place::Field(field), message, CURRENCY)
                    .label("another currency")
                    .help(
                        "write US dollars; for an account in another currency, set \
                         `innovatemr.assumptions.currency` in infield.yaml",
                    ),
            );
        }
    }
}

fn offers_no_more_than_the_ceiling(spec: &SurveySpec, out: &mut Vec<Breach>) {
    if let (Some(offer), Some(ceiling)) = (spec.cpi.value(), spec.max_cpi.value())
        && offer.currency == ceiling.currency
        && offer.amount > ceiling.amount
    {
        let message = format!("the estimated price {offer} is above its ceiling");
        out.push(
            Breach::error(code::MONEY_ABOVE_CEILING, Place::Field("cpi"), message, OFFER)
                .label(format!("more than {ceiling}"))
                .also(Place::Field("max_cpi"), "the ceiling")
                .help("raise `max_cpi`, or lower `cpi`"),
        );
    }
}

fn has_no_dates(spec: &SurveySpec, out: &mut Vec<Breach>) {
    if !spec.field_days.is_absent() {
        let message = "InnovateMR takes no `field_days`";
        out.push(
            Breach::warning(
                code::VENDOR_UNSUPPORTED,
                Place::Field("field_days"),
                message,
                DATES,
            )
            .label("not sent")
            .help(
                "remove it; dates the vendor wants can stand in `innovatemr.extra` under the keys it names",
            ),
        );
    }
}

fn has_no_suppliers(spec: &SurveySpec, out: &mut Vec<Breach>) {
    if !spec.suppliers.is_absent() {
        let message = "InnovateMR does not let suppliers be chosen";
        let place = Place::Field("suppliers");
        let breach = Breach::error(code::VENDOR_UNSUPPORTED, place, message, SUPPLIERS);
        out.push(breach.label("not at this vendor").help("remove `suppliers`"));
    }
}

fn has_no_lists(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let lists = [
        ("recontact", &spec.recontact),
        ("exclude_respondents", &spec.exclude_respondents),
    ];
    for (field, _) in lists.into_iter().filter(|(_, list)| !list.is_absent()) {
        let message = "InnovateMR takes no list of respondents";
        let breach = Breach::error(code::VENDOR_UNSUPPORTED, Place::Field(field), message, LISTS);
        let help = format!("remove `{field}`");
        out.push(breach.label("not at this vendor").help(help));
    }
}

fn counts_only_what_is_targeted(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let targets: Vec<&str> = spec
        .qualifications
        .value()
        .into_iter()
        .flatten()
        .map(|criterion| criterion.question.as_str())
        .collect();
    for (index, quota) in spec.quotas.value().into_iter().flatten().enumerate() {
        for criterion in &quota.criteria {
            if targets.contains(&criterion.question.as_str()) {
                continue;
            }
            let name = super::codebook::CODEBOOK.question_name(&criterion.question);
            let (label, message) = if spec.qualifications.is_absent() {
                (
                    "a target?",
                    format!("quotas count by `{name}`, and nothing here says whether the group targets it"),
                )
            } else {
                let quota = &quota.name;
                (
                    "no target",
                    format!("the quota `{quota}` counts by `{name}`, which the group does not target"),
                )
            };
            let place = Place::QuotaCriterion(index, criterion.question.clone());
            let help = format!("add `{name}` to the qualifications, with all answers that the quotas count");
            out.push(
                Breach::warning(code::QUOTA_UNTARGETED, place, message, TARGETED)
                    .label(label)
                    .help(help),
            );
            if spec.qualifications.is_absent() {
                // What is not managed may be there all the same: one question about it is enough.
                return;
            }
        }
    }
}
