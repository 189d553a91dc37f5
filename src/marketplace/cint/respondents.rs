//! Lists of respondents of a target group: who alone may come (recontacts), and who is kept out (exclusions). Pure.
//!
//! A list is a file that a job of the vendor takes in. What it names is added to what is there, so that the same list twice is
//! the same list; only all of them can be taken off, by a job of its own (OpenAPI, Recontacts and Respondent Exclusions).
//! One job of these runs at a time, so each is waited for.

use super::parts;
use crate::diag::{Rule, code};
use crate::marketplace::shelf::rules::{Breach, Place};
use crate::model::call::lines_placeholder;
use crate::model::capability::Mutability;
use crate::model::{Call, CallClass, Field, FieldName, Respondents, Status, SurveySpec};
use crate::plan::Refusal;
use crate::plan::market::Edits;

/// The kind of ids in a list: respondents' (OpenAPI `ExclusionRespondentEntityType`, `RecontactUploadJobEntityType`).
const OF_RESPONDENTS: &str = "?entity_type=RSID";

/// The job that takes a file in.
const UPLOAD: &str = "upload-respondents-by-file";

/// Most ids of a target group (OpenAPI, upload-respondents-by-file).
const MOST: u64 = 100_000;

/// Most bytes of a file (OpenAPI: less than 5 MB).
const MOST_BYTES: usize = 5_000_000;

/// What stands between the parts of an upload, on a line that begins with two dashes.
const BOUNDARY: &str = "infield-list-of-respondents";

const SIZE: Rule = Rule {
    vendor: "Cint",
    text: "a target group lists at most 100000 respondents, in a file of less than 5 MB",
    source: "OpenAPI, upload-respondents-by-file",
};

/// One of the two lists.
struct List {
    field: FieldName,
    key: &'static str,
    path: &'static str,
    /// The job that takes everybody off, and its query.
    removal: (&'static str, &'static str),
    says: &'static str,
    get: fn(&SurveySpec) -> &Field<Respondents>,
}

const LISTS: [List; 2] = [
    List {
        field: FieldName::Recontact,
        key: "recontact",
        path: "recontacts",
        removal: ("remove-all-rsids", ""),
        says: "to ask again",
        get: |spec| &spec.recontact,
    },
    List {
        field: FieldName::ExcludeRespondents,
        key: "exclude_respondents",
        path: "exclusions",
        removal: ("remove-all-respondents", OF_RESPONDENTS),
        says: "to keep out",
        get: |spec| &spec.exclude_respondents,
    },
];

/// How a list may change: freely in a draft, behind its guard once people are asked, and not where nobody is asked any more.
pub(super) fn mutability(status: Status) -> Mutability {
    match status {
        Status::Draft => Mutability::Free,
        Status::Closed => Mutability::OnceBack(
            "whom a target group asks that has ended matters only once it is back in field (OpenAPI, Recontacts)",
        ),
        _ => Mutability::TargetingWhenLive,
    }
}

/// The calls that upload the lists of what is made. `own` is the path of the target group.
pub(super) fn create(own: &str, wanted: &SurveySpec) -> Vec<Call> {
    let lists = LISTS
        .iter()
        .filter_map(|list| Some((list, (list.get)(wanted).value()?)));
    lists.map(|(list, wanted)| list.upload(own, wanted)).collect()
}

/// The calls that write the lists that change.
///
/// # Errors
/// Where somebody would have to be taken off a list in field: for a while there would be none.
pub(super) fn update(own: &str, edits: &Edits<'_>) -> Result<Vec<Call>, Refusal> {
    let mut calls = Vec::new();
    for list in LISTS.iter().filter(|list| edits.fields.contains(&list.field)) {
        let draft = edits.live.status == Some(Status::Draft);
        let had = (list.get)(edits.applied).value().is_some();
        if had && edits.live.status == Some(Status::Live) {
            let why = "Cint takes all of a list off before it takes another one, and in field there would be none meanwhile";
            let refusal = Refusal::new(why).at(format!("/{}", list.key));
            return Err(
                refusal.help("write `status: paused`, apply, change the list, and write `status: live` then")
            );
        }
        let wanted = (list.get)(edits.wanted).value();
        let goes_on = |wanted: &Respondents| {
            let begun = edits.begun.unwrap_or_default();
            begun.contains(&format!("/{}/jobs/{UPLOAD}", list.path)) && begun.contains(&wanted.to_string())
        };
        // An upload that was interrupted may have been of another list; the same one goes on.
        let other = (had || draft) && !wanted.is_some_and(goes_on);
        calls.extend(other.then(|| list.take_off(own)));
        calls.extend(wanted.map(|wanted| list.upload(own, wanted)));
    }
    Ok(calls)
}

/// Whether nothing but lists changes.
pub(super) fn are_all(edits: &Edits<'_>) -> bool {
    let mut fields = edits.fields.iter();
    fields.all(FieldName::is_list_of_respondents)
        && edits.qualifications.is_empty()
        && edits.quotas.is_empty()
}

/// Lists that are larger than the vendor takes.
pub(super) fn are_too_large(spec: &SurveySpec) -> Vec<Breach> {
    let bytes = |ids: &[Box<str>]| ids.iter().map(|id| id.len() + 1).sum::<usize>();
    let large = |list: &&List| {
        (list.get)(spec).value().is_some_and(|wanted| {
            wanted.count() > MOST || wanted.ids().is_some_and(|ids| bytes(ids) >= MOST_BYTES)
        })
    };
    let breach = |list: &List| {
        let message = format!("the list of `{}` is too large for Cint", list.key);
        let place = Place::Field(list.key);
        Breach::error(code::RESPONDENTS_LIST, place, message, SIZE)
            .label("this list")
            .help("divide it between several target groups")
    };
    LISTS.iter().filter(large).map(breach).collect()
}

impl List {
    fn job(&self, own: &str, (word, query): (&str, &str), purpose: String) -> Call {
        let path = format!("{own}/{}/jobs/{word}", self.path);
        parts::job(&path, query, CallClass::IdempotentWrite, purpose)
    }

    fn upload(&self, own: &str, list: &Respondents) -> Call {
        let purpose = format!("list {} {}", list.count(), self.says);
        let mut call = self.job(own, (UPLOAD, OF_RESPONDENTS), purpose);
        let kind = format!("multipart/form-data; boundary=\"{BOUNDARY}\"");
        call.headers.insert("content-type".to_owned(), kind);
        let before = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"respondents.csv\"\r\n\
             Content-Type: text/csv\r\n\r\n"
        );
        let after = format!("\r\n--{BOUNDARY}--\r\n");
        call.body(lines_placeholder(list, &before, &after))
            .lists([list.clone()])
    }

    fn take_off(&self, own: &str) -> Call {
        let purpose = format!("take off whoever was listed {}", self.says);
        self.job(own, self.removal, purpose)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_is_a_file_in_a_form_and_its_job_is_followed() {
        let list = Respondents::of("cint", vec!["b".into(), "a".into()]);
        let spec = SurveySpec {
            exclude_respondents: Field::Set(list),
            ..SurveySpec::default()
        };
        let calls = create("/t", &spec);
        let [call] = calls.as_slice() else {
            panic!("{calls:?}")
        };
        assert_eq!(
            call.path,
            "/t/exclusions/jobs/upload-respondents-by-file?entity_type=RSID"
        );
        let then = call.then.as_ref().unwrap();
        assert_eq!(then.path, "/t/exclusions/jobs/upload-respondents-by-file/{$job}");
        let body = call.filled().unwrap().unwrap().value();
        assert_eq!(
            body.as_str().unwrap(),
            "--infield-list-of-respondents\r\nContent-Disposition: form-data; name=\"file\"; filename=\"respondents.csv\"\r\n\
             Content-Type: text/csv\r\n\r\na\nb\n\r\n--infield-list-of-respondents--\r\n"
        );
        assert!(!format!("{call:?}").contains("a\\nb"));
    }

    #[test]
    fn what_the_vendor_does_not_take_is_said_beforehand() {
        let ids = |count: u64| (0..count).map(|id| id.to_string().into()).collect();
        let spec = |count| SurveySpec {
            recontact: Field::Set(Respondents::of("cint", ids(count))),
            ..SurveySpec::default()
        };
        assert!(are_too_large(&spec(MOST)).is_empty());
        assert_eq!(are_too_large(&spec(MOST + 1)).len(), 1);
    }
}
