//! Asking respondents again: the list of a survey. Pure.
//!
//! Whether a survey is one is decided when its draft is made, and it goes live with a list only (vendor wiki 107839551). Who
//! completes leaves the list (supplier wiki 41549825), so what the vendor has of it is compared with nothing.

use super::assumptions::{RESPONDENTS_ARE_REPLACED, RESPONDENTS_KEY};
use super::limits;
use crate::diag::{Rule, code};
use crate::marketplace::shelf::rules::{Breach, Place};
use crate::model::call::list_placeholder;
use crate::model::capability::Mutability;
use crate::model::{Call, CallClass, Field, Method, Respondents, Status, SurveySpec};
use serde_json::{Value, json};

/// The setting that makes a survey one of listed respondents.
pub(super) const SETTING: &str = "recontact";

const EXCLUDED: Rule = limits::rule("lists of respondents are for asking them again")
    .source("vendor wiki 341803016 names one path for both lists, and no document its switch");
const RECONTACT: Rule = limits::rule("a recontact survey cannot go live without its list of respondents")
    .source("vendor wiki 107839551");

/// A survey with a list is one of listed respondents.
pub(super) fn imply(spec: &mut SurveySpec) {
    if spec.recontact.value().is_some() {
        let setting = spec.attributes.entry(SETTING.to_owned());
        setting.or_insert(Field::Set(Value::Bool(true)));
    }
}

/// How the list may change: in a draft, and never again.
pub(super) fn mutability(status: Status) -> Mutability {
    match status {
        Status::Draft if RESPONDENTS_ARE_REPLACED => Mutability::Free,
        _ => Mutability::CreateOnly(
            "PureSpectrum fixes whom a recontact asks when it is launched (vendor wiki 107839551)",
        ),
    }
}

/// The call that sends a list. `id` is encoded, or a placeholder.
pub(super) fn write(id: &str, list: &Respondents) -> Call {
    let ids = list_placeholder(list);
    let body = match RESPONDENTS_KEY {
        Some(key) => json!({ key: ids }),
        None => ids,
    };
    let purpose = format!("list {} to ask again", list.count());
    Call::new(
        Method::Post,
        format!("/surveys/{id}/PSIDRef"),
        CallClass::IdempotentWrite,
        purpose,
    )
    .body(body)
    .lists([list.clone()])
}

/// A survey of listed respondents has a list, or one that is kept by hand.
pub(super) fn recontacts_a_list(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let (switch, listed) = (limits::setting(spec, SETTING), spec.recontact.value().is_some());
    if listed && switch == Some(&Value::Bool(false)) {
        let message = "`recontact` lists whom to ask again, and `purespectrum.recontact` says that nobody is";
        let place = Place::Attribute(SETTING);
        out.push(
            Breach::error(code::SURVEY_CONFLICTING_POLICY, place, message, RECONTACT)
                .label("says no")
                .also(Place::Field("recontact"), "a list")
                .help("remove one of them"),
        );
    }
    if !listed && switch == Some(&Value::Bool(true)) && spec.status == Field::Set(Status::Live) {
        let message = "a recontact survey goes live only with a list of respondents, and this one names none";
        out.push(
            Breach::warning(
                code::SURVEY_RECONTACT_LIST,
                Place::Attribute(SETTING),
                message,
                RECONTACT,
            )
            .label("needs a list")
            .help("add `recontact: {file: ...}` in place of it; or keep `status: draft` until the list is at the vendor"),
        );
    }
}

/// Nobody is kept out by name.
pub(super) fn excludes_nobody_by_name(spec: &SurveySpec, out: &mut Vec<Breach>) {
    if !spec.exclude_respondents.is_absent() {
        let message = "PureSpectrum does not say how listed respondents are kept out";
        let place = Place::Field("exclude_respondents");
        out.push(
            Breach::error(code::VENDOR_UNSUPPORTED, place, message, EXCLUDED)
                .label("not at this vendor")
                .help("keep out whoever took part in a survey, with `kind: SurveyGroup`"),
        );
    }
}
